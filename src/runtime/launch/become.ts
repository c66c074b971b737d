/**
 * From a process inside the container's namespaces to the command it shall be: tuned, labelled, confined,
 * executed. The same for a container's first process and for `exec`.
 */

import { BrigError } from "../../base/errors.ts";
import * as P from "../../kernel/abi/process.ts";
import type { ProgramBuilder } from "../../kernel/program/builder.ts";
import { notifiedSyscalls } from "../../kernel/seccomp/notified-syscalls.ts";
import type { MemoryPolicy, Personality } from "../../spec/runtime/linux.ts";
import { enterWorkingDirectory, executeCommand } from "./command.ts";
import { type Confinement, confine, setLabels, tune } from "./confine.ts";
import { setMemoryPolicy, setPersonality } from "./process-state.ts";

const SIGKILL = 9;
const CLOSE_RANGE_CLOEXEC = 4;

/** What a user namespace of its own grants: all there are. */
export const everyCapability = (1n << 64n) - 1n;

export interface Becoming extends Confinement {
  readonly personality?: Personality;
  readonly memoryPolicy?: MemoryPolicy;
  /** The process dies with the one that launched it. */
  readonly supervised: boolean;
  /** Fds 3 … 2+n stay open. */
  readonly preserve: number;
  /** What still needs every right. */
  readonly unconfined?: () => void;
  /** What the confined process does before it executes the command. */
  readonly confined?: () => void;
}

export function become(p: ProgramBuilder, b: Becoming): void {
  if (b.seccomp) refuseOwnCalls(notifiedSyscalls(b.seccomp));
  if (b.personality) setPersonality(p, b.personality);
  if (b.memoryPolicy) setMemoryPolicy(p, b.memoryPolicy);
  tune(p, b);
  setLabels(p, b);
  p.close(b.proc);
  enterWorkingDirectory(p, b.process.cwd);
  if (!b.supervised) p.call("outlive the executor", "prctl", [P.PR_SET_PDEATHSIG, 0, 0, 0, 0]);
  p.call("leave no other fd open", "close_range", [3 + b.preserve, 0xffffffff, CLOSE_RANGE_CLOEXEC], {
    on: { ENOSYS: "continue" },
  });
  b.unconfined?.();
  confine(p, { ...b, ...(b.supervised ? { parentDeathSignal: SIGKILL } : {}) });
  b.confined?.();
  executeCommand(p, b.process);
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
