/** Which of the container's streams `run` and `create` connect: `--attach`, `--detach`, `--interactive` together. */

import { BrigError } from "../../base/errors.ts";
import type { Streams } from "../../engine/session.ts";
import type { Stream } from "../options/values/attach.ts";

interface Said {
  readonly attach: readonly Stream[];
  readonly interactive: boolean;
  readonly detach?: boolean;
}

/** Undefined: the command does not stay with the container. */
export function attachmentOf({ attach, interactive, detach = false }: Said): Streams | undefined {
  if (detach) {
    if (attach.length === 0) return undefined;
    throw new BrigError("invalid", "conflicting options: cannot specify both --attach and --detach");
  }
  if (attach.length === 0) return { stdin: interactive, stdout: true, stderr: true };
  const has = (stream: Stream) => attach.includes(stream);
  return { stdin: has("stdin") && interactive, stdout: has("stdout"), stderr: has("stderr") };
}
