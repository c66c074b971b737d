/** `--filter dangling=true`, in each of the spellings that Docker reads. */

import { BrigError } from "../../base/errors.ts";
import { parseBoolean } from "../text/boolean.ts";

export function booleanFilter(key: string, value: string): boolean {
  try {
    return parseBoolean(value);
  } catch (cause) {
    throw new BrigError("invalid", `invalid filter '${key}=${value}'`, { cause });
  }
}
