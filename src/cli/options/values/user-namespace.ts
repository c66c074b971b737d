/** `--userns`: whose user namespace the container gets. */

import { parseUserMode } from "../../../docker/text/user-namespace.ts";
import type { NamespaceMode } from "../../../engine/container/spec.ts";
import type { FlagType } from "../../flags/flag.ts";

export const userMode: FlagType<NamespaceMode | undefined, undefined> = {
  word: "string",
  initial: undefined,
  whole: true,
  read: (text) => {
    try {
      return parseUserMode(text);
    } catch (error) {
      throw new Error(`--userns: ${(error as Error).message}`);
    }
  },
};
