/** Spans of time in Go's syntax: `300ms`, `1m30s`, `1.5h`; the value is in milliseconds. */

import { parseDuration } from "../../../docker/text/duration.ts";
import type { FlagType } from "../flag.ts";

export const duration: FlagType<number, undefined> = {
  word: "duration",
  initial: undefined,
  read: parseDuration,
};
