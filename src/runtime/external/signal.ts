/** A signal to the container by its runtime: what the shim holds may be the sandbox, and not what runs in it. */

import type { Slot } from "../../kernel/program/argument.ts";
import { ProgramBuilder, type SlotAllocator } from "../../kernel/program/builder.ts";
import type { Instruction } from "../../kernel/program/instruction.ts";
import { Link } from "../launch/link.ts";
import { awaitRuntime, executeRuntime, joinNetwork, leaveParent } from "./call.ts";
import type { ExternalOptions } from "./launch.ts";
import { runtimeCommand } from "./runtime.ts";

export function compileExternalSignal(
  signal: number,
  options: { readonly slots: SlotAllocator; readonly external: ExternalOptions; readonly container: Slot },
): readonly Instruction[] {
  const { slots, external, container } = options;
  const { runtime, files, id } = external;
  const [parent, child] = [new ProgramBuilder(), new ProgramBuilder()];
  const link = new Link(slots);
  link.open(parent);
  parent.clone("start the process that becomes the runtime", {
    flags: 0n,
    role: "runtime",
    child: child.instructions,
    pidfd: link.pidfd,
  });
  parent.close(link.child);
  awaitRuntime(parent, link, `send signal ${signal}`);
  leaveParent(child, link);
  if (!runtime.isolatesNetwork) joinNetwork(child, container);
  executeRuntime(child, [...runtimeCommand(runtime, files), "kill", id, String(signal)]);
  return parent.instructions;
}
