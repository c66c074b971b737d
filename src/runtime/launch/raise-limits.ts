/**
 * Raising a hard limit takes CAP_SYS_RESOURCE in the host's user namespace, which a process that is born in another one
 * never has (setrlimit(2)). So its parent raises its own before, and the child inherits that; soft ones stay.
 */

import { rlimitNumbers } from "../../kernel/abi/process.ts";
import { struct, u64 } from "../../kernel/program/argument.ts";
import type { ProgramBuilder } from "../../kernel/program/builder.ts";
import type { Process } from "../../spec/runtime/process.ts";
import type { LaunchOptions } from "./options.ts";

/** `limits` are the parent's. Where the host does not allow it the child finds that out. */
export function raiseLimits(
  p: ProgramBuilder,
  { rlimits = [] }: Pick<Process, "rlimits">,
  limits: NonNullable<LaunchOptions["limits"]>,
): void {
  rlimits.forEach(({ type, hard }, i) => {
    const now = limits[type];
    if (!now || BigInt(hard) <= now.hard) return;
    const limit = struct(`{rlim_cur=${now.soft}, rlim_max=${hard}}`, u64(now.soft, hard));
    p.call(`let ${type} be as high as ${hard}`, "prlimit64", [0, rlimitNumbers[type], limit, 0], {
      from: `process.rlimits[${i}]`,
      on: { EPERM: "continue" },
    });
  });
}
