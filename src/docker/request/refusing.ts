/** Parsers that the command line shares throw plain errors; here they are errors of a request. */

import { BrigError, messageOf } from "../../base/errors.ts";

/** What a text is refused for, as an error of the request. */
export function refusing<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw cause instanceof BrigError ? cause : new BrigError("invalid", messageOf(cause), { cause });
  }
}
