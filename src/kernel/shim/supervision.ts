/**
 * What a launch program ends in: the description of the process that its executor supervises from then on
 * (`struct supervision` in `native/wire.h`).
 */

import { pointer, type Slot, type Struct, struct, u32, u64, vector } from "../program/argument.ts";
import { type Streams, streamFlags } from "./wire.ts";

export interface Supervision {
  /** The pidfd that a `clone` of this program left. */
  readonly process: Slot;
  /**
   * A listening unix socket, bound to `shim.sock` in the run directory; a command executed in a container has none.
   * Its backlog should be 4096: connect(2) does not wait for a place in it, and fails.
   */
  readonly listen?: Slot;
  /** The supervisor's ends of the pipes, or the master of the terminal in place of all three. */
  readonly stdin?: Slot;
  readonly stdout?: Slot;
  readonly stderr?: Slot;
  readonly terminal?: Slot;
  /** Where the exit file goes and the socket is. */
  readonly runDirectory?: Slot;
  /** `memory.events` of cgroup v2 or `memory.oom_control` of v1. */
  readonly memoryEvents?: Slot;
  readonly log?: LogFiles;
  /** Executed in the end when the owner has left without settling. */
  readonly settle?: {
    readonly path: string;
    readonly args: readonly string[];
    readonly env: readonly string[];
  };
  /** The end of a client's stdin is the end of the process's: Docker's StdinOnce. */
  readonly stdinOnce?: boolean;
  /** What the owner is attached to from the first byte on. */
  readonly attach?: Streams;
}

export interface LogFiles {
  /** Opened with O_APPEND. */
  readonly file: Slot;
  readonly directory: Slot;
  readonly name: string;
  /** How many are kept, the current one included. */
  readonly files: number;
  /** Bytes after which the next file begins; 0 is never. */
  readonly size: number;
}

export function supervision(s: Supervision): Struct {
  const slots = {
    process: s.process,
    listen: s.listen,
    stdin: s.stdin,
    stdout: s.stdout,
    stderr: s.stderr,
    terminal: s.terminal,
    runDirectory: s.runDirectory,
    memoryEvents: s.memoryEvents,
    log: s.log?.file,
    logDirectory: s.log?.directory,
  };
  const text = Object.entries(slots).flatMap(([name, slot]) => (slot ? [`${name}=${slot.fd}`] : []));
  return struct(
    `{${text.join(", ")}}`,
    u32(...Object.values(slots).map((slot) => slot?.fd ?? -1)),
    u32(s.log?.files ?? 1, s.stdinOnce ? 1 : 0),
    u64(s.log?.size ?? 0),
    s.log ? pointer(s.log.name) : u64(0),
    s.settle ? pointer(s.settle.path) : u64(0),
    s.settle ? pointer(vector(s.settle.args)) : u64(0),
    s.settle ? pointer(vector(s.settle.env)) : u64(0),
    u32(streamFlags(s.attach ?? {}), 0),
  );
}
