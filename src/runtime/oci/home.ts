/**
 * HOME for a command whose environment has none: the user's directory in the container's /etc/passwd, as runc sets
 * it. The file is the image's, so it is read below the root by the executor, and cut where it is too long.
 */

import * as F from "../../kernel/abi/files.ts";
import type { Executor } from "../../kernel/executor/executor.ts";
import { output } from "../../kernel/program/argument.ts";
import { ProgramBuilder } from "../../kernel/program/builder.ts";
import type { Process } from "../../spec/runtime/process.ts";
import { openInRoot } from "../launch/target.ts";

/** The process with a HOME. `root` is a directory of the host. */
export async function withHome(executor: Executor, root: string, process: Process): Promise<Process> {
  return hasHome(process) ? process : addHome(process, await lookUpHome(executor, root, process));
}

export function hasHome(process: Process): boolean {
  return process.env?.some((entry) => entry.startsWith("HOME=")) ?? false;
}

export function addHome(process: Process, home: string): Process {
  return { ...process, env: [...(process.env ?? []), `HOME=${home}`] };
}

/** What it nearly always is, to go on with until the answer is there. */
export function likelyHome({ user }: Process): string {
  return user.uid === 0 ? "/root" : "/";
}

export async function lookUpHome(executor: Executor, root: string, { user }: Process): Promise<string> {
  const entry = (await readPasswd(executor, root))
    .split("\n")
    .map((line) => line.split(":"))
    .find((fields) => fields[2] === String(user.uid));
  return entry?.[5] || "/";
}

const passwdMax = 256 * 1024;

async function readPasswd(executor: Executor, root: string): Promise<string> {
  const [directory, file] = [executor.slots.slot("root directory"), executor.slots.slot("/etc/passwd")];
  const p = new ProgramBuilder();
  const none = p.label("no /etc/passwd");
  const bytes = output(passwdMax);
  p.call("open the root directory", "openat", [F.AT_FDCWD, root, F.O_PATH | F.O_DIRECTORY | F.O_CLOEXEC, 0], {
    slot: directory,
    from: "root.path",
  });
  openInRoot(p, {
    root: directory,
    path: "/etc/passwd",
    into: file,
    flags: F.O_RDONLY | F.O_NONBLOCK | F.O_NOCTTY,
    why: "open the container's /etc/passwd",
    on: { ENOENT: none, ENOTDIR: none, EACCES: none, ELOOP: none, ENXIO: none },
  });
  p.call("read the container's /etc/passwd", "read", [file, bytes, passwdMax], {
    answer: { buffer: bytes },
    on: { EISDIR: "continue", EAGAIN: "continue", EINVAL: "continue" },
  });
  p.close(file);
  p.place(none);
  p.close(directory);
  const { answers } = await executor.run(p.instructions);
  return answers[0]?.bytes.toString() ?? "";
}
