/**
 * What a container whose root is a copy has changed of its image: both trees are read, and compared name by name. Told as
 * for one whose root is an overlay (`changes.ts`).
 */

import type { ByteString } from "../tar/byte-string.ts";
import { type Change, differ } from "./changes.ts";
import { below } from "./path.ts";
import type { FolderPath, FoundFile, TreeReader } from "./reader.ts";
import type { FileStat } from "./stat.ts";

export interface Comparison {
  /** Sorted by path. */
  readonly changes: readonly Change[];
  /** Bytes of what was added, or is not as it was. */
  readonly written: number;
}

/** `isMountPoint` of what a launch makes in a root to mount something there, and that holds nothing. */
export async function compareTrees(
  now: TreeReader,
  before: TreeReader,
  isMountPoint: (path: string, stat: FileStat) => boolean,
): Promise<Comparison> {
  const changes: Change[] = [];
  const counted = new Set<string>();
  let written = 0;

  await folder(".", true);
  return { changes: changes.sort((a, b) => (a.path < b.path ? -1 : 1)), written };

  /** Whether anything in it has changed; `was` a folder before. */
  async function folder(path: string, was: boolean): Promise<boolean> {
    const at: readonly FolderPath[] = [{ path, mountRoot: false }];
    const [[own], [old]] = [await now.list(at), was ? await before.list(at) : [[]]];
    const known = new Map(old!.map((file) => [file.name, file]));
    let inside = false;
    for (const file of own!) {
      const changed = await compared(below(path, file.name), file, known.get(file.name));
      inside ||= changed;
      known.delete(file.name);
    }
    for (const name of known.keys()) tell("deleted", below(path, name));
    return inside || known.size > 0;
  }

  async function compared(path: string, file: FoundFile, old: FoundFile | undefined): Promise<boolean> {
    const { stat } = file;
    if (old === undefined && isMountPoint(path, stat)) {
      // What somebody has put into it is told all the same.
      return stat.kind === "directory" && (await folder(path, false));
    }
    if (old === undefined) tell("added", path);
    const told = changes.length;
    if (stat.kind === "directory") await folder(path, old?.stat.kind === "directory");
    const inside = changes.length > told;
    const other = old !== undefined && (differ(stat, old.stat) || file.link !== old.link);
    if (old !== undefined && (inside || other)) tell("modified", path);
    if (old === undefined || other) count(file);
    return old === undefined || inside || other;
  }

  function count({ stat, link }: FoundFile): void {
    if (stat.kind !== "directory" && stat.links > 1) {
      if (counted.has(stat.identity)) return;
      counted.add(stat.identity);
    }
    written += stat.kind === "symbolic-link" ? link.length : stat.size;
  }

  function tell(kind: Change["kind"], path: string): void {
    changes.push({ kind, path: `/${path}` as ByteString });
  }
}
