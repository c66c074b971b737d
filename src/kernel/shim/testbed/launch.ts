/** Launches /bin/sh under a real shim, without any container around it, for the tests beside. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { HostPath } from "../../../base/ids.ts";
import { Executor } from "../../executor/executor.ts";
import { output, type Slot, u32, vector } from "../../program/argument.ts";
import { ProgramBuilder, type SlotAllocator } from "../../program/builder.ts";
import type { Instruction } from "../../program/instruction.ts";
import { ShimClient } from "../client.ts";
import { lendExecutor } from "../lend.ts";
import { type Supervision, supervision } from "../supervision.ts";
import { exitName, parseExit, type Streams, socketName } from "../wire.ts";

export const shim = (process.env.BRIG_SHIM ??
  new URL("../../../../bin/brig-shim", import.meta.url).pathname) as HostPath;

export interface LaunchOptions {
  readonly terminal?: boolean;
  readonly stdinOnce?: boolean;
  readonly attach?: Streams;
  /** Bytes and number of the log's files. */
  readonly log?: { readonly size: number; readonly files: number };
  /** Run by the shim when the process has ended. */
  readonly stored?: readonly Instruction[];
  /** What the file of the memory cgroup's events says. */
  readonly memoryEvents?: string;
  /** A script to be executed when there is no owner in the end. */
  readonly settle?: string;
}

export interface Launched {
  readonly client: ShimClient;
  readonly executor: Executor;
  readonly directory: string;
  readonly socket: string;
  /** What the log holds, without the time stamps. */
  log(): string[];
  exitFile(): ReturnType<typeof parseExit>;
  [Symbol.dispose](): void;
}

export async function launch(script: string, options: LaunchOptions = {}): Promise<Launched> {
  const directory = mkdtempSync(join(tmpdir(), "shim-"));
  const executor = Executor.start({ shim, detached: true });
  try {
    if (options.stored) await executor.store(options.stored);
    await executor.run(launchProgram(executor.slots, script, directory, options));
    const { client } = await ShimClient.launched(executor.frames);
    return {
      client,
      executor,
      directory,
      socket: join(directory, socketName),
      log: () =>
        readFileSync(join(directory, "log"), "utf8")
          .split("\n")
          .slice(0, -1)
          .map((line) => line.slice("2016-10-06T00:17:09.669794202Z ".length)),
      exitFile: () => parseExit(readFileSync(join(directory, exitName))),
      [Symbol.dispose]: () => {
        // The process dies with its parent, and the shim with nothing to wait for.
        if (!executor.process!.ended()) executor.process!.kill("SIGKILL");
        client.close();
        rmSync(directory, { recursive: true, force: true });
      },
    };
  } catch (error) {
    executor.process!.kill("SIGKILL");
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
}

/** Executes a script beside the process that a shim supervises. */
export async function executeIn(
  socket: string,
  script: string,
  options: Pick<LaunchOptions, "terminal" | "attach"> = {},
): Promise<ShimClient> {
  const { executor } = await lendExecutor(socket);
  const p = new ProgramBuilder();
  const streams = spawnShell(p, executor.slots, script, options.terminal ?? false);
  p.supervise(
    "supervise it",
    supervision({ ...streams, stdinOnce: true, ...(options.attach ? { attach: options.attach } : {}) }),
  );
  await executor.run(p.instructions);
  return (await ShimClient.launched(executor.frames)).client;
}

function launchProgram(
  slots: SlotAllocator,
  script: string,
  directory: string,
  options: LaunchOptions,
): readonly Instruction[] {
  const p = new ProgramBuilder();
  const [runDirectory, listen, file] = [slots.slot("run"), slots.slot("listen"), slots.slot("log")];
  const address = Buffer.from(`\x01\x00${join(directory, socketName)}\0`);
  p.call("open the run directory", "openat", [-100, directory, 0x280000 /* O_PATH|O_CLOEXEC */, 0], {
    slot: runDirectory,
  });
  p.call("make the socket", "socket", [1, 0x80001, 0], { slot: listen });
  p.call("bind it", "bind", [listen, address, address.length]);
  p.call("listen", "listen", [listen, 4096]);
  p.call("open the log", "openat", [runDirectory, "log", 0x80441 /* WRONLY|CREAT|APPEND|CLOEXEC */, 0o640], {
    slot: file,
  });
  const streams = spawnShell(p, slots, script, options.terminal ?? false);
  const memoryEvents = slots.slot("memory events");
  if (options.memoryEvents) {
    writeFileSync(join(directory, "memory.events"), options.memoryEvents);
    p.call("open the events", "openat", [runDirectory, "memory.events", 0x80000, 0], { slot: memoryEvents });
  }
  p.supervise(
    "supervise it",
    supervision({
      ...streams,
      listen,
      ...(options.memoryEvents ? { memoryEvents } : {}),
      runDirectory,
      log: { file, directory: runDirectory, name: "log", ...(options.log ?? { size: 0, files: 1 }) },
      stdinOnce: options.stdinOnce ?? false,
      ...(options.attach ? { attach: options.attach } : {}),
      ...(options.settle
        ? { settle: { path: "/bin/sh", args: ["sh", "-c", options.settle], env: [`DIR=${directory}`] } }
        : {}),
    }),
  );
  return p.instructions;
}

const dieWithParent = [1 /* PR_SET_PDEATHSIG */, 9] as const;

function spawnShell(
  p: ProgramBuilder,
  slots: SlotAllocator,
  script: string,
  terminal: boolean,
): Pick<Supervision, "process" | "stdin" | "stdout" | "stderr" | "terminal"> {
  const process = slots.slot("pidfd");
  const child = new ProgramBuilder();
  child.call("die with the shim", "prctl", dieWithParent);
  child.call("lead a session", "setsid", []);
  const execute = () =>
    child.call("execute the shell", "execve", [
      "/bin/sh",
      vector(["sh", "-c", script]),
      vector(["PATH=/usr/bin:/bin"]),
    ]);
  const clone = () =>
    p.clone("make the process", { flags: 0n, role: "process", child: child.instructions, pidfd: process });
  if (terminal) {
    const [master, peer] = [slots.slot("master"), slots.slot("peer")];
    p.call("open a terminal", "openat", [-100, "/dev/ptmx", 0x80102 /* RDWR|NOCTTY|CLOEXEC */, 0], {
      slot: master,
    });
    p.call("unlock it", "ioctl", [master, 0x40045431 /* TIOCSPTLCK */, u32(0)]);
    p.call("open its other side", "ioctl", [master, 0x5441 /* TIOCGPTPEER */, 0x80102], { slot: peer });
    child.call("make it the controlling terminal", "ioctl", [peer, 0x540e /* TIOCSCTTY */, 0]);
    for (const fd of [0, 1, 2]) child.call("take the terminal", "dup3", [peer, fd, 0]);
    execute();
    clone();
    p.close(peer);
    return { process, terminal: master };
  }
  const pipes = ["stdin", "stdout", "stderr"].map((name) => pipe(p, slots, name));
  const [stdin, stdout, stderr] = pipes as [Pipe, Pipe, Pipe];
  child.call("take stdin", "dup3", [stdin.read, 0, 0]);
  child.call("take stdout", "dup3", [stdout.write, 1, 0]);
  child.call("take stderr", "dup3", [stderr.write, 2, 0]);
  execute();
  clone();
  for (const slot of [stdin.read, stdout.write, stderr.write]) p.close(slot);
  return { process, stdin: stdin.write, stdout: stdout.read, stderr: stderr.read };
}

interface Pipe {
  readonly read: Slot;
  readonly write: Slot;
}

function pipe(p: ProgramBuilder, slots: SlotAllocator, name: string): Pipe {
  const [read, write] = [slots.slot(`${name} out`), slots.slot(`${name} in`)];
  const into = output(8);
  p.call(`make a pipe for ${name}`, "pipe2", [into, 0x80000], { pair: { into, first: read, second: write } });
  return { read, write };
}

/** Resolves when the condition holds; rejects when it has not for so many milliseconds. */
export async function until(holds: () => boolean, limit = 5_000): Promise<void> {
  const end = performance.now() + limit;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`not within ${limit} ms: ${holds}`);
    await sleep(5);
  }
}

export function gone(shell: Launched): boolean {
  return shell.executor.process!.ended();
}

/** Numbers below `limit`, the same for the same seed (xorshift32). */
export function random(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}

/** Everything a client is sent until the process has ended. */
export async function collect(
  client: ShimClient,
): Promise<{ stdout: string; stderr: string; lagged: boolean }> {
  const got = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  let lagged = false;
  for await (const item of client.output) {
    if (item.kind === "bytes") got[item.stream].push(item.bytes);
    else lagged = true;
  }
  return {
    stdout: Buffer.concat(got.stdout).toString(),
    stderr: Buffer.concat(got.stderr).toString(),
    lagged,
  };
}

/** What was written, from a log: without what the log adds, and with the parts of a line joined. */
export function contents(log: string): string {
  const entries = log.split("\n").slice(0, -1);
  return entries
    .map((entry) => entry.replace(/^\S+ \S+ F (.*)$/s, "$1\n").replace(/^\S+ \S+ P /, ""))
    .join("");
}
