/** SIGKILL to processes by pidfd (pidfd_send_signal(2)), so that a pid that was reused meanwhile is not hit. */

import type { Executor } from "../../executor/executor.ts";
import { ProgramBuilder } from "../../program/builder.ts";

const SIGKILL = 9;

/** As many fds as are open at a time. */
const batch = 64;

/** `members` reads the pids again, now that the fds hold on to the processes. */
export async function killByPidfd(
  executor: Executor,
  pids: readonly number[],
  members: () => readonly number[],
): Promise<void> {
  const slots = Array.from({ length: Math.min(batch, pids.length) }, () => executor.slots.slot("pidfd"));
  for (let at = 0; at < pids.length; at += batch) {
    const some = pids.slice(at, at + batch).map((pid, i) => ({ pid, slot: slots[i]! }));
    const hold = new ProgramBuilder();
    for (const { pid, slot } of some)
      hold.call(`take hold of the process ${pid}`, "pidfd_open", [pid, 0], {
        slot,
        on: { ESRCH: "continue", EINVAL: "continue" },
        answer: {},
      });
    const { answers } = await executor.run(hold.instructions);
    const held = some.filter((_, i) => answers[i]!.result >= 0);
    const now = new Set(members());
    const kill = new ProgramBuilder();
    for (const { pid, slot } of held) {
      if (now.has(pid))
        kill.call(`kill the process ${pid}`, "pidfd_send_signal", [slot, SIGKILL, 0, 0], {
          on: { ESRCH: "continue" },
        });
      kill.close(slot);
    }
    if (held.length > 0) await executor.run(kill.instructions);
  }
}
