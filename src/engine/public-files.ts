/** Files and directories that containers see, so with fixed modes: the caller's umask would keep their users out. */

import { chmodSync, mkdirSync, writeFileSync } from "node:fs";

/** Does nothing to one that is there: a container may have changed it. */
export function makePublicDirectory(path: string): void {
  if (mkdirSync(path, { recursive: true, mode: 0o755 }) !== undefined) chmodSync(path, 0o755);
}

export function writePublic(path: string, text: string): void {
  writeFileSync(path, text);
  chmodSync(path, 0o644);
}
