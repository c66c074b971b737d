/** A network driver's steps as instructions of a launch program or a session. */

import { AT_FDCWD, O_CLOEXEC, O_WRONLY } from "../../kernel/abi/files.ts";
import { AF_NETLINK, SOCK_CLOEXEC, SOCK_RAW } from "../../kernel/abi/socket.ts";
import { netlinkProtocols } from "../../kernel/netlink/message.ts";
import type { Slot } from "../../kernel/program/argument.ts";
import { ProgramBuilder, type SlotAllocator } from "../../kernel/program/builder.ts";
import type { Instruction } from "../../kernel/program/instruction.ts";
import type { Side, Step } from "../../network/step.ts";

/** Those of one side, in order; each protocol's socket is opened when it is first needed, and closed in the end. */
export function stepInstructions(
  steps: readonly Step[],
  side: Side,
  slots: SlotAllocator,
  open: Partial<Record<"route" | "netfilter", Slot>> = {},
): readonly Instruction[] {
  const p = new ProgramBuilder();
  const sockets = new Map(Object.entries(open));
  const ours: Slot[] = [];
  for (const step of steps) {
    if (step.side !== side) continue;
    const from = step.from === undefined ? {} : { from: step.from };
    if (step.kind === "sysctl") {
      writeSysctl(p, slots.slot(step.path), step);
      continue;
    }
    let socket = sockets.get(step.protocol);
    if (!socket) {
      socket = slots.slot(`netlink ${step.protocol}`);
      p.call(
        `talk to the kernel's ${step.protocol} tables`,
        "socket",
        [AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, netlinkProtocols[step.protocol]],
        { slot: socket },
      );
      sockets.set(step.protocol, socket);
      ours.push(socket);
    }
    p.netlink(step.why, {
      socket,
      messages: step.messages,
      text: step.text,
      ...from,
      ...(step.on ? { on: step.on } : {}),
    });
  }
  for (const socket of ours) p.close(socket);
  return p.instructions;
}

function writeSysctl(p: ProgramBuilder, file: Slot, step: Extract<Step, { kind: "sysctl" }>): void {
  p.call(step.why, "openat", [AT_FDCWD, `/proc/sys/${step.path}`, O_WRONLY | O_CLOEXEC, 0], { slot: file });
  p.call(step.why, "write", [file, Buffer.from(step.value), step.value.length]);
  p.close(file);
}
