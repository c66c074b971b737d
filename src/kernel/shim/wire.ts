/** The frames and structs between a shim and its clients, as `native/wire.h` draws them. */

import { BrigError } from "../../base/errors.ts";

/** The protocol spoken here, and the oldest one that is understood; `native/wire.h` has the rules and what is new in each. */
export const shimVersion = 2;
const oldestVersion = 1;

// biome-ignore format: a table
export const shimFrame = {
  failed: 4, state: 5, stdout: 6, stderr: 7, taken: 8, lagged: 9, exited: 10, reply: 11,
  attach: 33, stdin: 34, closeStdin: 35, resize: 36, signal: 37, status: 38, detach: 39, settled: 40,
} as const;

/** How many bytes of stdin may be on the way before the process has taken any. */
export const inputWindow = 16384;

/** Fixed fds of an executor that a shim forks for a connection. */
export const lentFds = { control: 3, process: 4 } as const;

/** Names in the run directory. */
export const socketName = "shim.sock";
export const exitName = "exit";

export interface Streams {
  readonly stdin?: boolean;
  readonly stdout?: boolean;
  readonly stderr?: boolean;
}

export function streamFlags(streams: Streams): number {
  return (streams.stdin ? 1 : 0) | (streams.stdout ? 2 : 0) | (streams.stderr ? 4 : 0);
}

/** Where the next byte of output stands in the log: at `offset` of the file that is current after so many rotations. */
export interface LogPosition {
  readonly rotations: number;
  readonly offset: number;
}

export interface ShimState {
  readonly version: number;
  /** Of the container's first process, as the shim sees it. */
  readonly pid: number;
  readonly ended: boolean;
  readonly log: LogPosition;
}

export interface Exit {
  /** As a shell has it: 0 … 255, or 128 + signal. */
  readonly code: number;
  /** The signal that ended it, or 0. */
  readonly signal: number;
  readonly outOfMemory: boolean;
  readonly coreDumped: boolean;
  /** The step of the settle program that failed, counted from 1. */
  readonly settleFailure?: { readonly errno: number; readonly step: number };
  /** Of its log: how often it was begun anew; a shim of version 1 does not tell. */
  readonly logRotations?: number;
  /** Nanoseconds since the epoch. */
  readonly finishedAt: bigint;
}

export function parseLogPosition(bytes: Buffer): LogPosition {
  demand(bytes, 16);
  return { rotations: Number(bytes.readBigUInt64LE(0)), offset: Number(bytes.readBigUInt64LE(8)) };
}

export function parseState(bytes: Buffer): ShimState {
  demand(bytes, 32);
  return {
    version: bytes.readUInt32LE(0),
    pid: bytes.readUInt32LE(4),
    ended: bytes.readUInt32LE(8) !== 0,
    log: parseLogPosition(bytes.subarray(16)),
  };
}

/** Throws for a state of a shim that another brig has started, when that speaks what is not known here. */
export function demandVersion({ version }: ShimState): void {
  if (version >= oldestVersion && version <= shimVersion) return;
  const known = `from ${oldestVersion} to ${shimVersion}`;
  const whose = version > shimVersion ? "newer" : "older";
  throw new BrigError(
    "unsupported",
    `cannot speak to the container's shim: its protocol has version ${version}, and this brig knows those ${known}; use the ${whose} brig that started the container`,
    { code: "shim-version" },
  );
}

/** Of an EXITED frame or of the exit file. */
export function parseExit(bytes: Buffer): Exit {
  demand(bytes, 32);
  const flags = bytes.readUInt32LE(8);
  const errno = bytes.readInt32LE(12);
  return {
    code: bytes.readInt32LE(0),
    signal: bytes.readInt32LE(4),
    outOfMemory: (flags & 1) !== 0,
    coreDumped: (flags & 2) !== 0,
    ...(errno === 0 ? {} : { settleFailure: { errno, step: bytes.readUInt32LE(16) + 1 } }),
    ...((flags & 4) !== 0 && { logRotations: bytes.readUInt32LE(20) }),
    finishedAt: bytes.readBigInt64LE(24),
  };
}

function demand(bytes: Buffer, size: number): void {
  if (bytes.length < size)
    throw new BrigError("internal", `cannot understand the shim: ${bytes.length} bytes in place of ${size}`);
}
