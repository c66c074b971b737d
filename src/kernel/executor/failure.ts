/** An instruction that failed, told in the words of its reason: "cannot mount /data read-only: permission denied". */

import { BrigError, type ErrorKind } from "../../base/errors.ts";
import { type ErrnoName, errnoName, errnoText } from "../errno.ts";
import type { Instruction } from "../program/instruction.ts";

export class KernelFailure extends BrigError {
  readonly instruction: Exclude<Instruction, { kind: "place" }>;
  readonly errno: string;
  /** Step number as `explain` counts it, from 1. */
  readonly step: number;
  /** Exit status of a program that was run, and the head of what it wrote to stderr. */
  readonly status: number;
  readonly output: string;

  constructor(failed: {
    readonly instruction: Exclude<Instruction, { kind: "place" }>;
    readonly error: number;
    readonly index: number;
    readonly status: number;
    readonly output: string;
  }) {
    const name = errnoName(failed.error);
    super(errorKind(failed.error), sentence(failed), { code: name });
    this.instruction = failed.instruction;
    this.errno = name;
    this.step = failed.index + 1;
    this.status = failed.status;
    this.output = failed.output;
  }
}

/** What a failed system call means to whoever asked for it. */
export function errorKind(errno: number): ErrorKind {
  return kinds[errnoName(errno) as ErrnoName] ?? "internal";
}

const kinds: { readonly [Name in ErrnoName]?: ErrorKind } = {
  EPERM: "denied",
  EACCES: "denied",
  EROFS: "denied",
  ENOENT: "not-found",
  ENOTDIR: "invalid",
  EINVAL: "invalid",
  ELOOP: "invalid",
  ENAMETOOLONG: "invalid",
  E2BIG: "invalid",
  EEXIST: "conflict",
  EBUSY: "conflict",
  EADDRINUSE: "conflict",
  ENOSPC: "exhausted",
  EDQUOT: "exhausted",
  ENOMEM: "exhausted",
  EMFILE: "exhausted",
  ENFILE: "exhausted",
  EAGAIN: "exhausted",
  ENOSYS: "unsupported",
  EOPNOTSUPP: "unsupported",
  ENODEV: "unsupported",
  EAFNOSUPPORT: "unsupported",
  ECANCELED: "denied",
  ETIMEDOUT: "unavailable",
};

function sentence(failed: {
  readonly instruction: Exclude<Instruction, { kind: "place" }>;
  readonly error: number;
  readonly index: number;
  readonly status: number;
  readonly output: string;
}): string {
  const { instruction, status } = failed;
  const where = instruction.kind === "call" ? instruction.name : instruction.kind;
  const reason = status === 0 ? errnoText(failed.error) : exitText(status);
  const said = failed.output.trim();
  return `cannot ${instruction.why}: ${reason} (${where}, step ${failed.index + 1})${said ? `: ${said}` : ""}`;
}

/** wait(2)'s status in words. */
function exitText(status: number): string {
  return (status & 0x7f) === 0 ? `exit status ${status >> 8}` : `killed by signal ${status & 0x7f}`;
}
