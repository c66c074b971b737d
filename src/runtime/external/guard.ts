/**
 * The container of another runtime does not die with the shim: its parent-death signal is its own to set. So a fork of
 * the executor waits for the end of the shim, and kills it then. One that has ended already is no more.
 */

import { output, type Slot } from "../../kernel/program/argument.ts";
import { ProgramBuilder, type SlotAllocator } from "../../kernel/program/builder.ts";

const SIGKILL = 9;

/** Where the guard holds what it needs, so that it can close all else. */
const held = { link: 3, process: 4 } as const;

export function guardAgainstLoss(p: ProgramBuilder, slots: SlotAllocator, pidfd: Slot): void {
  const [shim, guard] = [slots.slot("the shim's life"), slots.slot("the guard's end")];
  const child = new ProgramBuilder();
  child.call("lead a session of its own", "setsid", []);
  child.close(shim);
  child.call("hold the link to the shim", "dup3", [guard, held.link, 0]);
  child.call("hold the container", "dup3", [pidfd, held.process, 0]);
  child.call("hold nothing else", "close_range", [held.process + 1, 0xffffffff, 0]);
  child.call("wait for the end of the shim", "read", [held.link, output(1), 1], { expect: 0 });
  child.call("end the container", "pidfd_send_signal", [held.process, SIGKILL, 0, 0], {
    on: { ESRCH: "continue" },
  });
  child.end("leave");
  p.socketPair("let the shim's end be seen", { into: output(8), first: shim, second: guard });
  p.clone("start a process that sees to it", { flags: 0n, role: "guard", child: child.instructions });
  p.close(guard);
}
