/** What is told of a file that could not be put where it should go; in Docker's words where it has some. */

import { BrigError } from "../../base/errors.ts";
import { errnoNumber, errnoText } from "../../kernel/errno.ts";
import { CallFailure } from "../../kernel/executor/pipeline.ts";
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

/** The same for whichever of the files of a segment it was; `from` is the first call that is about the file. */
export function cannotCopy(
  error: unknown,
  beginnings: readonly { readonly from: number; readonly path: string }[],
): unknown {
  if (!(error instanceof CallFailure)) return error;
  const path = beginnings.findLast(({ from }) => from <= error.index)?.path;
  return path === undefined ? error : cannotPut(path as ByteString, error);
}
