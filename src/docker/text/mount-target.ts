/** What `--volume`, `--mount` and `--tmpfs` have in common. The types are the engine's. */

import type { Propagation } from "../../engine/container/spec.ts";

export const propagations: readonly Propagation[] = [
  "private",
  "rprivate",
  "shared",
  "rshared",
  "slave",
  "rslave",
];

/** The target, after Docker's checks: absolute, and not the root. */
export function checkTarget(target: string): string {
  if (!target.startsWith("/")) throw new Error(`invalid mount path: '${target}' mount path must be absolute`);
  if (isRoot(target)) throw new Error("invalid specification: destination can't be '/'");
  return target;
}

/** `/`, `//`, `/.`, `/a/..`: a name for the root without looking at the file system. */
function isRoot(path: string): boolean {
  const depth = path.split("/").reduce((level, part) => {
    if (part === "" || part === ".") return level;
    return part === ".." ? Math.max(level - 1, 0) : level + 1;
  }, 0);
  return depth === 0;
}
