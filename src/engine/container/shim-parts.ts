/**
 * What a launch program has more when it ends in a shim: the shim's socket, the log, the container's pipes, the
 * sockets that reserve published ports, and the description of all that.
 */

import { dirname } from "node:path";
import type { HostPath } from "../../base/ids.ts";
import * as F from "../../kernel/abi/files.ts";
import { AF_UNIX, SOCK_CLOEXEC, SOCK_STREAM } from "../../kernel/abi/socket.ts";
import { output, type Slot, type Struct } from "../../kernel/program/argument.ts";
import { ProgramBuilder, type SlotAllocator } from "../../kernel/program/builder.ts";
import type { Instruction } from "../../kernel/program/instruction.ts";
import { unixAddress } from "../../kernel/program/unix-socket.ts";
import { type Supervision, supervision } from "../../kernel/shim/supervision.ts";
import { type Streams, socketName } from "../../kernel/shim/wire.ts";
import type { PublishedPort } from "../../network/ports/port.ts";
import { reservationOf } from "../../network/ports/reservation.ts";
import type { ShimSlots } from "../../runtime/launch/options.ts";
import type { LogSetting } from "./logging.ts";

export interface ShimRequest {
  readonly runDirectory?: HostPath;
  readonly log?: LogSetting & { readonly path: HostPath };
  readonly terminal: boolean;
  readonly openStdin: boolean;
  readonly stdinOnce: boolean;
  readonly attach: Streams;
  readonly ports: readonly PublishedPort[];
  readonly memoryEvents?: Slot;
  readonly settle?: NonNullable<Supervision["settle"]>;
}

export interface ShimParts {
  readonly before: readonly Instruction[];
  readonly stdio: readonly Instruction[];
  readonly after: readonly Instruction[];
  readonly describe: (slots: ShimSlots) => Struct;
}

/** Clients that may wait to be accepted; connecting to a full queue fails (unix(7)). */
const backlog = 4096;

export function shimParts(request: ShimRequest, slots: SlotAllocator): ShimParts {
  const [before, stdio, after] = [new ProgramBuilder(), new ProgramBuilder(), new ProgramBuilder()];
  const socket = request.runDirectory ? openSocket(before, slots, request.runDirectory) : undefined;
  const log = request.log ? openLog(before, slots, request.log) : undefined;
  for (const port of request.ports) reserve(before, slots, port);
  const pipes = request.terminal ? {} : openPipes({ before, stdio, after }, slots, request.openStdin);
  return {
    before: before.instructions,
    stdio: stdio.instructions,
    after: after.instructions,
    describe: ({ pidfd, master }) =>
      supervision({
        process: pidfd,
        ...(socket ?? {}),
        ...(log ? { log } : {}),
        ...pipes,
        ...(master ? { terminal: master } : {}),
        ...(request.memoryEvents ? { memoryEvents: request.memoryEvents } : {}),
        ...(request.settle ? { settle: request.settle } : {}),
        stdinOnce: request.stdinOnce,
        attach: request.attach,
      }),
  };
}

function openSocket(
  p: ProgramBuilder,
  slots: SlotAllocator,
  directory: HostPath,
): Pick<Supervision, "listen" | "runDirectory"> {
  const [runDirectory, listen] = [slots.slot("run directory"), slots.slot("socket of the shim")];
  p.call(
    "open the container's run directory",
    "openat",
    [F.AT_FDCWD, directory, F.O_PATH | F.O_DIRECTORY | F.O_CLOEXEC, 0],
    { slot: runDirectory },
  );
  p.call("make a socket for the shim", "socket", [AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0], { slot: listen });
  p.call("bind it in the run directory", "bind", [listen, unixAddress(`${directory}/${socketName}`), 110]);
  p.call("listen for clients", "listen", [listen, backlog]);
  return { listen, runDirectory };
}

function openLog(
  p: ProgramBuilder,
  slots: SlotAllocator,
  { path, files, size }: NonNullable<ShimRequest["log"]>,
): NonNullable<Supervision["log"]> {
  const [directory, file] = [slots.slot("directory of the log"), slots.slot("log")];
  const name = path.slice(dirname(path).length + 1);
  p.call(
    "open the container's directory",
    "openat",
    [F.AT_FDCWD, dirname(path), F.O_PATH | F.O_DIRECTORY | F.O_CLOEXEC, 0],
    { slot: directory },
  );
  p.call(
    "open the log",
    "openat",
    [directory, name, F.O_WRONLY | F.O_CREAT | F.O_APPEND | F.O_NOFOLLOW | F.O_CLOEXEC, 0o640],
    { slot: file },
  );
  return { file, directory, name, files, size };
}

/** Holds the host's port, so that no program of the host takes it and is never reached. */
function reserve(p: ProgramBuilder, slots: SlotAllocator, port: PublishedPort): void {
  const reservation = reservationOf(port);
  if (!reservation) return;
  const { family, type, protocol, address } = reservation;
  const socket = slots.slot(`port ${port.hostPort}/${port.protocol}`);
  const from = `--publish ${port.hostPort}:${port.containerPort}`;
  const what = `host port ${port.hostIp || "0.0.0.0"}:${port.hostPort}/${port.protocol}`;
  p.call(`make a socket that holds ${what}`, "socket", [family, type, protocol], { slot: socket, from });
  p.call(`bind ${what}`, "bind", [socket, address, address.length], { from });
}

function openPipes(
  {
    before,
    stdio,
    after,
  }: { readonly before: ProgramBuilder; readonly stdio: ProgramBuilder; readonly after: ProgramBuilder },
  slots: SlotAllocator,
  openStdin: boolean,
): Pick<Supervision, "stdin" | "stdout" | "stderr"> {
  const pipe = (name: string, fd: number): readonly [read: Slot, write: Slot] => {
    const [read, write] = [slots.slot(`${name}, read end`), slots.slot(`${name}, write end`)];
    const into = output(8);
    before.call(`make a pipe for ${name}`, "pipe2", [into, F.O_CLOEXEC], {
      pair: { into, first: read, second: write },
    });
    const theirs = fd === 0 ? read : write;
    stdio.call(`make it ${name}`, "dup3", [theirs, fd, 0]);
    after.close(theirs);
    return [read, write];
  };
  const stdin = openStdin ? pipe("stdin", 0)[1] : undefined;
  const [stdout] = pipe("stdout", 1);
  const [stderr] = pipe("stderr", 2);
  return { stdout, stderr, ...(stdin ? { stdin } : {}) };
}
