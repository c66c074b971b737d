/**
 * A process that keeps a seat in a scope. systemd makes a scope of processes that exist, and takes it away when the last
 * one has gone, while a container is to be born when its cgroup is there with all limits. So the executor first makes a
 * process that does nothing; it leaves when the container's is in, before that has come to anything of the user's.
 *
 * It waits to be killed, or for the end of the executor, and knows no failure.
 */

import { P_PIDFD, WEXITED } from "../abi/process.ts";
import type { Executor } from "../executor/executor.ts";
import { output } from "../program/argument.ts";
import { ProgramBuilder, type SlotAllocator } from "../program/builder.ts";
import type { Instruction } from "../program/instruction.ts";

const SIGKILL = 9;

export interface Seat {
  /** Makes the process, and answers with its pid. */
  readonly take: readonly Instruction[];
  /** It has ended, and nothing counts it any more. */
  readonly leave: readonly Instruction[];
}

/** Both parts are for one executor. */
export function planSeat(slots: SlotAllocator): Seat {
  const [ours, theirs] = [slots.slot("end of the parent"), slots.slot("end of the seat")];
  const pidfd = slots.slot("seat");
  const child = new ProgramBuilder();
  child.close(ours);
  child.call("keep the seat", "read", [theirs, output(1), 1], { on: { EINTR: "continue" } });
  child.end("go with the executor");
  const take = new ProgramBuilder();
  take.socketPair("connect with the seat", { into: output(8), first: ours, second: theirs });
  take.clone("take a seat in the scope", { flags: 0n, role: "seat", child: child.instructions, pidfd });
  take.close(theirs);
  const leave = new ProgramBuilder();
  leave.call("free the seat", "pidfd_send_signal", [pidfd, SIGKILL, 0, 0], { on: { ESRCH: "continue" } });
  leave.call("wait until it is free", "waitid", [P_PIDFD, pidfd, output(128), WEXITED, 0]);
  leave.close(ours);
  leave.close(pidfd);
  return { take: take.instructions, leave: leave.instructions };
}

/** Resolves with the pid of the process that keeps it. */
export async function takeSeat(executor: Executor, { take }: Seat): Promise<number> {
  const { answers } = await executor.run(take);
  return answers.find(({ instruction }) => instruction.kind === "clone")!.result;
}
