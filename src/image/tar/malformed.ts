/** The failures of the codec: what was read, or what was to be written, is no valid archive. */

import { BrigError } from "../../base/errors.ts";

/** "cannot read the archive: REASON". */
export function malformed(reason: string): BrigError {
  return new BrigError("invalid", `cannot read the archive: ${reason}`, { code: "malformed-archive" });
}

/** "cannot write the entry to the archive: REASON". */
export function malformedEntry(reason: string): BrigError {
  return new BrigError("invalid", `cannot write the entry to the archive: ${reason}`, {
    code: "malformed-entry",
  });
}
