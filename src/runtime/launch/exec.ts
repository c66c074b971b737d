/**
 * One more process in a running container: the executor enters its pid namespace by the pidfd, so that a reused
 * pid is never entered, and the child joins all others and becomes the command.
 *
 * The program pauses once the container's pidfd is held (`first`), so that whoever started it can see that the pid
 * is still that of the container; and, where accounts are to be looked up, once more in the child.
 */

import type { HostPath } from "../../base/ids.ts";
import * as F from "../../kernel/abi/files.ts";
import * as P from "../../kernel/abi/process.ts";
import type { JoinProgram } from "../../kernel/cgroup/launch/join.ts";
import type { Slot } from "../../kernel/program/argument.ts";
import { ProgramBuilder, type SlotAllocator } from "../../kernel/program/builder.ts";
import type { Instruction } from "../../kernel/program/instruction.ts";
import type { CompiledSeccomp } from "../../kernel/seccomp/filter.ts";
import type { Process } from "../../spec/runtime/process.ts";
import { readAccounts } from "./accounts.ts";
import { become } from "./become.ts";
import { setAffinity, setOomScore } from "./confine.ts";
import { connectConsoleSocket, openTerminal, sendConsole, useConsole } from "./console.ts";
import { Link } from "./link.ts";
import { becomeRoot } from "./namespaces.ts";
import type { LaunchMode } from "./options.ts";
import { endLaunch, takeFd } from "./parent.ts";

export interface ExecOptions {
  readonly slots: SlotAllocator;
  /** The container: by pid, or by the pidfd that its shim holds. */
  readonly container: { readonly pid: number } | { readonly pidfd: Slot };
  /** CLONE_NEW… flags of the namespaces that the container does not share with the host. */
  readonly namespaces: bigint;
  /** Parent: opens the cgroup, and closes it after the clone; child: enters what it was not born in. */
  readonly cgroup?: JoinProgram;
  readonly seccomp?: CompiledSeccomp;
  readonly grantable: bigint;
  readonly mode: Exclude<LaunchMode, { kind: "create" }>;
  readonly consoleSocket?: HostPath;
  readonly preserve?: number;
  /** A limit of the process that may not be raised is an error. */
  readonly exactLimits?: boolean;
  readonly before?: readonly Instruction[];
  readonly stdio?: readonly Instruction[];
  readonly after?: readonly Instruction[];
}

/** The container's pidfd, held; then a pause. Nothing where the shim holds it already. */
export function openContainer(options: ExecOptions): {
  readonly first: readonly Instruction[];
  readonly pidfd: Slot;
} {
  if ("pidfd" in options.container) return { first: [], pidfd: options.container.pidfd };
  const pidfd = options.slots.slot("pidfd of the container");
  const p = new ProgramBuilder();
  p.call("find the container's process", "pidfd_open", [options.container.pid, 0], { slot: pidfd });
  p.pause("see that the process is the container's");
  return { first: p.instructions, pidfd };
}

/** Parent and child up to the execution of the command, or up to the pause for the accounts. */
export function compileExec(process: Process | LookUp, pidfd: Slot, options: ExecOptions): ExecProgram {
  const { slots, mode } = options;
  const [parent, child] = [new ProgramBuilder(), new ProgramBuilder()];
  const link = new Link(slots);
  const [proc, scratch, root] = [slots.slot("/proc"), slots.slot("scratch"), slots.slot("root")];
  parent.call("start from an empty file mode mask", "umask", [0]);
  parent.append(options.before ?? []);
  const socket = options.consoleSocket
    ? connectConsoleSocket({ parent, slots }, options.consoleSocket)
    : undefined;
  parent.append(options.cgroup?.open ?? []);
  if (options.namespaces & P.CLONE_NEWPID)
    parent.call("let the child be born in the container's pid namespace", "setns", [pidfd, P.CLONE_NEWPID]);
  const master = mode.kind === "supervise" ? slots.slot("terminal of the shim") : undefined;
  link.open(parent);
  if (!("kind" in process)) setAffinity(parent, process, "initial");
  parent.clone("start a process in the container", {
    flags: 0n,
    role: "exec",
    child: child.instructions,
    pidfd: link.pidfd,
    proc: link.proc,
    ...(options.cgroup?.bornIn ? { cgroup: options.cgroup.bornIn } : {}),
  });
  parent.close(link.child);
  parent.append(options.cgroup?.release ?? []);
  parent.append(options.after ?? []);

  child.close(link.parent);
  child.call("die if the parent does", "prctl", [P.PR_SET_PDEATHSIG, 9, 0, 0, 0]);
  child.call("lead a session of its own", "setsid", []);
  child.append(options.cgroup?.join ?? []);
  child.call(
    "open the host's /proc",
    "openat",
    [F.AT_FDCWD, "/proc", F.O_PATH | F.O_DIRECTORY | F.O_CLOEXEC, 0],
    { slot: proc },
  );
  const users = (options.namespaces & P.CLONE_NEWUSER) !== 0n;
  if (users) setOomScore(child, process, { proc, self: true, scratch });
  child.call("join the container's namespaces", "setns", [pidfd, options.namespaces & ~P.CLONE_NEWPID]);
  // The host's root has no id there: what it makes or opens before it is somebody, a terminal, would be nobody's.
  if (users) becomeRoot(child);
  child.call(
    "open the container's root",
    "openat",
    [F.AT_FDCWD, "/", F.O_PATH | F.O_DIRECTORY | F.O_CLOEXEC, 0],
    { slot: root },
  );

  const finish = (p: ProgramBuilder, command: Process) => {
    const console = command.terminal ? openTerminal(p, slots, root, command.consoleSize) : undefined;
    if (console && socket) sendConsole(p, console, socket);
    if (console && master) {
      p.call("keep our end of the terminal for the shim", "dup3", [console.master, master.fd, F.O_CLOEXEC]);
      link.tell(p, "say that the terminal is there");
      link.awaitGo(p, "wait until the shim has it");
      p.close(master);
    }
    p.append(options.stdio ?? []);
    setAffinity(p, command, "final");
    if (console) useConsole(p, console, command.user.uid);
    become(p, {
      process: command,
      ...(options.seccomp ? { seccomp: options.seccomp } : {}),
      grantable: options.grantable,
      ...(options.exactLimits ? { exactLimits: true } : {}),
      supervised: mode.kind === "supervise",
      preserve: options.preserve ?? 0,
      keep: [link.child],
      scored: users,
      proc,
      scratch,
    });
  };
  const { terminal } = process;
  if (terminal && master) {
    link.awaitChild(parent, "wait for the terminal");
    takeFd(parent, link.pidfd, master, "take our end of the terminal");
    link.go(parent, "let the process go on");
  }
  endLaunch(parent, link, mode, terminal ? master : undefined);
  if ("kind" in process) readAccounts(child, root, scratch);
  else finish(child, process);
  return { program: parent.instructions, clone: link.pidfd, finish };
}

/** The process is known once the container's account files are: the child pauses with them. */
export interface LookUp {
  readonly kind: "look-up";
  readonly terminal: boolean;
  readonly oomScoreAdj?: number;
}

export interface ExecProgram {
  readonly program: readonly Instruction[];
  readonly clone: Slot;
  readonly finish: (p: ProgramBuilder, process: Process) => void;
}
