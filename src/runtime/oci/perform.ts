/** Runs a launch program on an executor, through the pauses in which the pid becomes known (`launch/launch.ts`). */

import { BrigError } from "../../base/errors.ts";
import { errnoText } from "../../kernel/errno.ts";
import type { Answer, Executor, Outcome } from "../../kernel/executor/executor.ts";
import type { LaunchProgram } from "../launch/launch.ts";

export interface Performed {
  readonly pid: number;
  /** Instructions that were let go on without success. */
  readonly warnings: readonly string[];
}

/** `onPid` is called before any hook runs. */
export async function perform(
  executor: Executor,
  program: LaunchProgram,
  onPid: (pid: number) => void,
): Promise<Performed> {
  const first = await executor.run(program.first);
  const pid = clonedPid(first);
  onPid(pid);
  const answers = [...first.answers];
  if (program.next) {
    const { parent, child } = program.next(pid);
    for (const rest of [parent, child]) answers.push(...(await executor.run(rest)).answers);
  }
  return { pid, warnings: warningsOf(answers) };
}

/** The pid of the process that the program is about; its child may have made helpers of its own. */
export function clonedPid({ answers }: Outcome, role = "container"): number {
  const clone = answers.find(({ instruction: i }) => i.kind === "clone" && i.role === role);
  if (!clone) throw new BrigError("internal", "cannot tell the container's pid: the executor gave none");
  return clone.result;
}

export function warningsOf(answers: readonly Answer[]): readonly string[] {
  return answers
    .filter(({ result }) => result < 0)
    .map(({ instruction, result }) => `cannot ${instruction.why}: ${errnoText(-result)}`);
}
