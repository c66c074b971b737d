/** A log as it grows, through its rotations, until the container has ended. */

import { statSync, watch } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { EngineHost } from "../host.ts";
import { paths } from "../roots.ts";
import { isAlive } from "./alive.ts";
import type { LogEntry } from "./info.ts";
import { readRest } from "./log-lines.ts";
import { logSetting } from "./logging.ts";
import { type ContainerRecord, isLive, readContainer } from "./records.ts";
import { exitOf } from "./settle.ts";

export interface LogPlace {
  /** The caller closes it. */
  readonly file: FileHandle;
  readonly position: number;
}

export async function* followLog(
  host: EngineHost,
  record: ContainerRecord,
  from: LogPlace,
): AsyncGenerator<LogEntry> {
  const path = paths.log(host.roots, record.id);
  const files = logSetting(record.spec.logging)?.files ?? 0;
  let { file, position } = from;
  try {
    for (;;) {
      // In this order: what was written last is read before the end is believed, and before the next file is opened.
      const running = isRunning(host, record);
      const next = successor(path, files, (await file.stat()).ino);
      const { entries, end } = await readRest(file, position);
      yield* entries;
      position = end;
      if (next !== undefined) {
        if (file !== from.file) await file.close();
        file = await open(next, "r");
        position = 0;
      } else if (entries.length === 0) {
        if (!running) return;
        await changed(path);
      }
    }
  } finally {
    if (file !== from.file) await file.close();
  }
}

/** The file after the one that is read; undefined when that is the newest. The oldest, when it was rotated away. */
function successor(path: string, files: number, inode: number): string | undefined {
  const names = Array.from({ length: files }, (_, n) => (n === 0 ? path : `${path}.${n}`));
  const inodes = names.map((name) => statSync(name, { throwIfNoEntry: false })?.ino);
  const at = inodes.indexOf(inode);
  if (at === 0) return undefined;
  return at > 0 ? names[at - 1] : names.findLast((_, n) => inodes[n] !== undefined);
}

function isRunning(host: EngineHost, { id }: ContainerRecord): boolean {
  const record = readContainer(host.database, id);
  return record !== undefined && isLive(record) && isAlive(host, record) && !exitOf(host, record);
}

/** A reader that follows looks again at least this often, as a notification may be lost. */
const patience = 200;

/** Resolves when the file has changed, or after a moment. */
function changed(path: string): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(path, () => finish());
    const timer = setTimeout(() => finish(), patience);
    const finish = () => {
      clearTimeout(timer);
      watcher.close();
      resolve();
    };
    watcher.on("error", finish);
  });
}
