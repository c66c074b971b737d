/** What is told of a file that could not be put where it should go; in Docker's words where it has some. */

import { BrigError } from "../../base/errors.ts";
import { errnoNumber, errnoText } from "../../kernel/errno.ts";
import type { CallFailure } from "../../kernel/executor/pipeline.ts";
import { type ByteString, displayText } from "../tar/byte-string.ts";

const [EISDIR, ENOTDIR, EROFS] = [errnoNumber("EISDIR"), errnoNumber("ENOTDIR"), errnoNumber("EROFS")];

/** `path` is beneath the folder that is copied to. */
export function cannotPut(path: ByteString, { kind, errno }: CallFailure): BrigError {
  const shown = displayText(path);
  if (errno === EISDIR)
    return new BrigError("conflict", `cannot overwrite directory "${shown}" with non-directory`);
  if (errno === ENOTDIR)
    return new BrigError("conflict", `cannot overwrite non-directory "${shown}" with directory`);
  const code = errno === EROFS ? { code: "read-only" } : {};
  return new BrigError(kind, `cannot copy to "${shown}": ${errnoText(errno)}`, code);
}
