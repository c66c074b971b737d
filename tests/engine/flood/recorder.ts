/**
 * Says "ready", and notes where each file of a rotating log begins in the streams, as long as stdin is open; then prints
 * a line of JSON for each file, the oldest first: {"stdout":POSITION,"stderr":POSITION}, each where the file has any of the stream.
 *
 *   recorder.ts LOG FILES
 *
 * A process of its own with precedence, as it has to open every file before rotation drops it: a few hundred milliseconds.
 */

import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { setPriority } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { parseLines } from "../../../src/engine/container/log-lines.ts";
import { leastToLocate, locate, type StreamName } from "./stream.ts";

export type Beginning = Readonly<Partial<Record<StreamName, number>>>;

const [path, files] = [process.argv[2]!, Number(process.argv[3])];
const interval = 5;

setPriority(-19);
/** Held open, so that no inode is used twice. */
const open: { readonly inode: number; readonly fd: number }[] = [];
let goesOn = true;
process.stdin.on("end", () => (goesOn = false)).resume();
look();
console.log("ready");
while (goesOn) {
  look();
  await sleep(interval);
}
look();
setPriority(0);
for (const { fd } of open) console.log(JSON.stringify(beginningOf(fd)));

/** Opens what is new, the oldest first; a file moves to older names only. */
function look(): void {
  for (let age = files - 1; age >= 0; age--) {
    const name = age === 0 ? path : `${path}.${age}`;
    const inode = statSync(name, { throwIfNoEntry: false })?.ino;
    if (inode === undefined || open.some((file) => file.inode === inode)) continue;
    const fd = openSync(name, "r");
    const opened = fstatSync(fd).ino;
    if (open.some((file) => file.inode === opened)) closeSync(fd);
    else open.push({ inode: opened, fd });
  }
}

function beginningOf(fd: number): Beginning {
  const bytes = Buffer.alloc(fstatSync(fd).size);
  readSync(fd, bytes, 0, bytes.length, 0);
  return { ...firstOf(bytes, "stdout"), ...firstOf(bytes, "stderr") };
}

/** What stands first of a stream, joined from as many lines as it takes to know where that is. */
function firstOf(bytes: Buffer, name: StreamName): Beginning {
  // In random bytes this does not occur.
  const word = bytes.indexOf(`Z ${name} `);
  if (word < 0) return {};
  const from = bytes.lastIndexOf("\n", word) + 1;
  const lines = parseLines(bytes.subarray(from, from + (1 << 22))).entries;
  let first: Buffer = Buffer.alloc(0);
  for (const line of lines.filter(({ stream }) => stream === name)) {
    first = Buffer.concat([first, line.bytes]);
    if (first.length >= leastToLocate) break;
  }
  const position = locate(name, first);
  return position === undefined ? {} : { [name]: position };
}
