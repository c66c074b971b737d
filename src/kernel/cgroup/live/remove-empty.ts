/** Removes cgroups that hold others and have nothing left to hold; what is still in use stays, and is no error. */

import { rmdirSync } from "node:fs";
import { codeOf, failure } from "./files.ts";

/** Returns those that are gone by this. */
export function removeEmptyCgroups(directories: readonly string[]): readonly string[] {
  return directories.filter((directory) => {
    try {
      rmdirSync(directory);
      return true;
    } catch (error) {
      if (kept.includes(codeOf(error))) return false;
      throw failure(`remove the cgroup ${directory}`, error);
    }
  });
}

/** EROFS: this hierarchy is not ours to change, so nothing was made there. */
const kept: readonly string[] = ["ENOENT", "EBUSY", "ENOTEMPTY", "EROFS"];
