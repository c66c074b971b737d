/** Who is at work on a container's files, so that nobody mounts its overlay a second time meanwhile. */

import type { ContainerId } from "../../../base/ids.ts";

export function filesLock(id: ContainerId): string {
  return `files of container ${id}`;
}
