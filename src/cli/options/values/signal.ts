/** `--signal`, `--stop-signal`: a signal's number by name or number. */

import { parseSignal } from "../../../base/signals.ts";
import type { FlagType } from "../../flags/flag.ts";

export const signal: FlagType<number, undefined> = {
  word: "string",
  initial: undefined,
  whole: true,
  read: parseSignal,
};
