/** `--since` and `--until`. */

import { type Moment, parseMoment } from "../../../docker/text/moment.ts";
import type { FlagType } from "../../flags/flag.ts";

export function moment(flag: "since" | "until"): FlagType<Moment | undefined, undefined> {
  const read = (text: string) => {
    try {
      return parseMoment(text);
    } catch (error) {
      throw new Error(`invalid value for "${flag}": ${(error as Error).message}`);
    }
  };
  return { word: "string", initial: undefined, whole: true, read };
}
