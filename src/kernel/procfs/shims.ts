/** Processes that are shims by the sealed file they run from (native/main.c), and the folders that they hold open. */

import { readdirSync, readlinkSync } from "node:fs";
import { dirname } from "node:path";
import { identifyProcess, isExecutor, type ProcessIdentity } from "./process.ts";

export interface FolderHolder {
  readonly process: ProcessIdentity;
  /** The name of the folder, which may have been removed since. */
  readonly name: string;
}

/** Those that hold a folder right below the one given. */
export function shimsBelow(folder: string, procfs = "/proc"): readonly FolderHolder[] {
  return namesIn(procfs).flatMap((pid) => {
    if (!/^\d+$/.test(pid) || !isExecutor(Number(pid), procfs)) return [];
    const held = namesIn(`${procfs}/${pid}/fd`)
      .map((fd) => linkOf(`${procfs}/${pid}/fd/${fd}`).replace(/ \(deleted\)$/, ""))
      .find((path) => dirname(path) === folder);
    const process = held && identifyProcess(Number(pid), procfs);
    return process ? [{ process, name: held.slice(folder.length + 1) }] : [];
  });
}

// What ends while we look is not there.

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
