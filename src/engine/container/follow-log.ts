/** A log as it grows, through its rotations, until the container has ended. */

import { type FSWatcher, watch } from "node:fs";
import type { EngineHost } from "../host.ts";
import { paths } from "../roots.ts";
import { isAlive } from "./alive.ts";
import type { LogEntry } from "./info.ts";
import type { LogCursor } from "./log-cursor.ts";
import { type ContainerRecord, isLive, readContainer } from "./records.ts";
import { exitOf } from "./settle.ts";

/** From where the cursor is; as many entries at a time as there are. */
export async function* followLog(
  host: EngineHost,
  record: ContainerRecord,
  cursor: LogCursor,
): AsyncGenerator<readonly LogEntry[]> {
  for (;;) {
    // In this order: what was written last is read before the end is believed, and before the next file is opened.
    const running = isRunning(host, record);
    const last = cursor.newest()?.inode === (await cursor.inode());
    let silent = true;
    for await (const entries of cursor.rest()) {
      silent = false;
      yield entries;
    }
    if (!last) {
      if (await cursor.advance()) continue;
      // It was removed with its container.
      if (!running && cursor.newest() === undefined) return;
      await changed(paths.log(host.roots, record.id));
    } else if (silent) {
      if (!running) return;
      await changed(paths.log(host.roots, record.id));
    }
  }
}

function isRunning(host: EngineHost, { id }: ContainerRecord): boolean {
  const record = readContainer(host.database, id);
  return record !== undefined && isLive(record) && isAlive(host, record) && !exitOf(host, record);
}

/** A reader that follows looks again at least this often, as a notification may be lost. */
const patience = 200;

/** Milliseconds until it looks again for a file that is not there. */
const absence = 10;

/** Resolves when the file has changed, or after a moment. */
function changed(path: string): Promise<void> {
  return new Promise((resolve) => {
    let watcher: FSWatcher | undefined;
    const finish = () => {
      clearTimeout(timer);
      watcher?.close();
      resolve();
    };
    let timer = setTimeout(finish, patience);
    try {
      watcher = watch(path, finish);
      watcher.on("error", finish);
    } catch {
      // Between two of its files, or removed.
      clearTimeout(timer);
      timer = setTimeout(finish, absence);
    }
  });
}
