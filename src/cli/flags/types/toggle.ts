/** Switches: `--tty`, `--tty=false`. */

import { parseBoolean } from "../../../docker/text/boolean.ts";
import type { FlagType } from "../flag.ts";

export const toggle: FlagType<boolean, boolean> = {
  word: "",
  initial: false,
  bare: "true",
  read: parseBoolean,
};

/** A switch that counts how often it is given: `-vvv`. */
export const count: FlagType<number, number> = {
  word: "count",
  initial: 0,
  bare: "+1",
  read: (text, before = 0) => (text === "+1" ? before + 1 : Number.parseInt(text, 10)),
};
