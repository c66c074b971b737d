/** One more process in another runtime's container: the runtime starts it and leaves, the executor supervises it. */

import type { HostPath } from "../../base/ids.ts";
import { CLONE_NEWNS } from "../../kernel/abi/process.ts";
import type { Slot } from "../../kernel/program/argument.ts";
import { ProgramBuilder, type SlotAllocator } from "../../kernel/program/builder.ts";
import type { Instruction } from "../../kernel/program/instruction.ts";
import type { Process } from "../../spec/runtime/process.ts";
import { Link } from "../launch/link.ts";
import type { LaunchMode } from "../launch/options.ts";
import { keepMountsIn } from "../launch/rootfs.ts";
import {
  adoptOrphans,
  awaitRuntime,
  executeRuntime,
  hide,
  joinNetwork,
  leaveParent,
  openProcess,
} from "./call.ts";
import type { ExternalOptions } from "./launch.ts";
import { runtimeCommand } from "./runtime.ts";
import { listenForTerminal, receiveTerminal } from "./terminal.ts";

export interface ExternalExecOptions {
  readonly slots: SlotAllocator;
  readonly external: ExternalOptions;
  readonly container: Slot;
  /** The process as JSON. */
  readonly processFile: HostPath;
  readonly mode: Extract<LaunchMode, { kind: "supervise" }>;
  readonly before: readonly Instruction[];
  readonly stdio: readonly Instruction[];
  readonly after: readonly Instruction[];
}

export interface ExternalExec {
  readonly first: readonly Instruction[];
  /** When the runtime has written the pid. */
  readonly supervise: (pid: number) => readonly Instruction[];
}

export function compileExternalExec(process: Process, options: ExternalExecOptions): ExternalExec {
  const { slots, external } = options;
  const { files, hidden } = external;
  const [parent, child] = [new ProgramBuilder(), new ProgramBuilder()];
  const link = new Link(slots);
  adoptOrphans(parent);
  parent.append(options.before);
  const socket = process.terminal ? listenForTerminal(parent, slots, files.console) : undefined;
  link.open(parent);
  parent.clone("start the process that becomes the runtime", {
    flags: hidden.length > 0 ? CLONE_NEWNS : 0n,
    role: "runtime",
    child: child.instructions,
    pidfd: link.pidfd,
  });
  parent.close(link.child);
  parent.append(options.after);
  awaitRuntime(parent, link, "execute the command");

  leaveParent(child, link);
  if (hidden.length > 0) keepMountsIn(child);
  hide(child, hidden);
  if (!external.runtime.isolatesNetwork) joinNetwork(child, options.container);
  child.append(options.stdio);
  executeRuntime(child, [
    ...runtimeCommand(external.runtime, files),
    ...["exec", "--detach", "--pid-file", files.pid, "--process", options.processFile],
    ...(socket ? ["--tty", "--console-socket", files.console] : []),
    external.id,
  ]);
  return {
    first: parent.instructions,
    supervise: (pid) => {
      const p = new ProgramBuilder();
      const pidfd = slots.slot("pidfd of the process");
      openProcess(p, pid, pidfd);
      const master = socket ? slots.slot("terminal of the shim") : undefined;
      if (socket && master) receiveTerminal(p, slots, socket, master, process.consoleSize);
      p.supervise("supervise it", options.mode.describe({ pidfd, ...(master ? { master } : {}) }));
      return p.instructions;
    },
  };
}
