/**
 * From a process inside the container's namespaces to the command it shall be: tuned, labelled, confined,
 * executed. The same for a container's first process and for `exec`.
 */

import { BrigError } from "../../base/errors.ts";
import * as P from "../../kernel/abi/process.ts";
import type { Slot } from "../../kernel/program/argument.ts";
import type { ProgramBuilder } from "../../kernel/program/builder.ts";
import { notifiedSyscalls } from "../../kernel/seccomp/notified-syscalls.ts";
import type { MemoryPolicy, Personality } from "../../spec/runtime/linux.ts";
import { enterWorkingDirectory, executeCommand } from "./command.ts";
import { type Confinement, confine, setLabels, tune } from "./confine.ts";
import { setMemoryPolicy, setPersonality } from "./process-state.ts";

const SIGKILL = 9;

/** What a user namespace of its own grants: all there are. */
export const everyCapability = (1n << 64n) - 1n;

export interface Becoming extends Confinement {
  readonly personality?: Personality;
  readonly memoryPolicy?: MemoryPolicy;
  /** The process dies with the one that launched it. */
  readonly supervised: boolean;
  /** Fds 3 … 2+n stay open, and the executor's control socket behind them up to execve. */
  readonly preserve: number;
  /** What is still read or written up to execve: sockets and pipes only. */
  readonly keep: readonly Slot[];
  /** What still needs every right. */
  readonly unconfined?: () => void;
  /** What the confined process does before it executes the command. */
  readonly confined?: () => void;
}

export function become(p: ProgramBuilder, b: Becoming): void {
  if (b.seccomp) refuseOwnCalls(notifiedSyscalls(b.seccomp.profile));
  if (b.personality) setPersonality(p, b.personality);
  if (b.memoryPolicy) setMemoryPolicy(p, b.memoryPolicy);
  tune(p, b);
  setLabels(p, b);
  closeAllBut(p, 3 + b.preserve, [3 + b.preserve, ...b.keep.map(({ fd }) => fd)]);
  enterWorkingDirectory(p, b.process.cwd);
  if (!b.supervised) p.call("outlive the executor", "prctl", [P.PR_SET_PDEATHSIG, 0, 0, 0, 0]);
  b.unconfined?.();
  confine(p, { ...b, ...(b.supervised ? { parentDeathSignal: SIGKILL } : {}) });
  b.confined?.();
  executeCommand(p, b.process);
}

/**
 * Closed, not only marked to be: while execve(2) looks its path up they are still there, and by /proc/self/fd/N an fd
 * of a host's directory leads to every program of the host (CVE-2024-21626). What is kept leads nowhere.
 */
function closeAllBut(p: ProgramBuilder, first: number, keep: readonly number[]): void {
  const close = (from: number, to: number) =>
    p.call("close what the command must not have", "close_range", [from, to, 0]);
  let from = first;
  for (const fd of keep.toSorted((a, b) => a - b)) {
    if (fd > from) close(from, fd - 1);
    from = fd + 1;
  }
  close(from, 0xffffffff);
}

// biome-ignore format: a list
/** Calls that the executor makes after the filter is there: a notification for one would never be answered. */
const ownCalls: ReadonlySet<string> = new Set([
  "read", "write", "close", "dup3", "prctl", "setgroups", "setresgid", "setresuid", "umask", "capset", "faccessat",
  "execve", "exit_group",
]);

function refuseOwnCalls(notified: readonly string[]): void {
  const own = notified.filter((name) => ownCalls.has(name));
  if (own.length > 0)
    throw new BrigError(
      "invalid",
      `cannot filter system calls: the profile notifies on ${own.join(", ")}, which the runtime still needs; allow or deny them instead`,
    );
}
