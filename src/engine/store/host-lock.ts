/**
 * Locks between brigs of all roots of this host, whose databases do not know of each other: flock(2) of an empty file. It
 * ends with the executor that holds it, whatever becomes of us; only root can take it.
 */

import * as F from "../../kernel/abi/files.ts";
import type { Executor } from "../../kernel/executor/executor.ts";
import { ProgramBuilder } from "../../kernel/program/builder.ts";

/** Where there is no folder for the file, or only one to read, nobody is locked out. */
export async function lockHost(executor: Executor, path: string, why: string): Promise<void> {
  const p = new ProgramBuilder();
  const file = executor.slots.slot("lock of the host");
  const done = p.label("there is nowhere to lock");
  const flags = F.O_RDWR | F.O_CREAT | F.O_NOFOLLOW | F.O_CLOEXEC;
  p.call(why, "openat", [F.AT_FDCWD, path, flags, 0o600], { slot: file, on: { ENOENT: done, EROFS: done } });
  p.call(why, "flock", [file, LOCK_EX | LOCK_NB], { on: { EAGAIN: lockPatience } });
  p.place(done);
  await executor.run(p.instructions);
}

const [LOCK_EX, LOCK_NB] = [2, 4];
/** Half a minute; what is done under such a lock takes some milliseconds. */
const lockPatience = { kind: "retry", times: 6000, delay: 5 } as const;
