/**
 * Who is at work on a container's files: an overlay that is mounted twice loses what is written to it, so that
 * nobody starts the container meanwhile.
 */

import { BrigError } from "../../../base/errors.ts";
import type { ContainerId } from "../../../base/ids.ts";
import { sleep } from "../../../base/sleep.ts";
import { isLocked, type LockHost } from "../../store/lock.ts";

export function filesLock(id: ContainerId): string {
  return `files of container ${id}`;
}

/** Milliseconds between two looks. */
const pause = 10;

/** As in Docker a start waits for a copy to end. */
export async function awaitFiles(host: LockHost, id: ContainerId): Promise<void> {
  while (isLocked(host, filesLock(id))) await sleep(pause);
}

/** In the transaction that makes it start: a copy that began since sees that, and waits, or is seen here. */
export function refuseWhileOpen(host: LockHost, id: ContainerId): void {
  if (isLocked(host, filesLock(id)))
    throw new BrigError(
      "conflict",
      `cannot start container ${id}: files are being copied just now; try again`,
      { code: "files-open" },
    );
}
