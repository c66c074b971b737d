/**
 * One call of another runtime, from a child of the executor, and the process that the call leaves: the executor is a
 * subreaper, so it becomes the parent of that process when the runtime ends.
 */

import { MNT_DETACH } from "../../kernel/abi/mount.ts";
import * as P from "../../kernel/abi/process.ts";
import { output, type Slot, vector } from "../../kernel/program/argument.ts";
import type { ProgramBuilder } from "../../kernel/program/builder.ts";
import type { Link } from "../launch/link.ts";

const SIGKILL = 9;
const CLOSE_RANGE_CLOEXEC = 4;

/** In the parent, before any call. */
export function adoptOrphans(p: ProgramBuilder): void {
  p.call("become the parent of what the runtime leaves", "prctl", [P.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0]);
}

/** In the child, first. */
export function leaveParent(p: ProgramBuilder, link: Link): void {
  p.close(link.parent);
  p.call("die if the parent does", "prctl", [P.PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0]);
  p.call("lead a session of its own", "setsid", []);
}

/** In the child: the network namespace of the first call, as gVisor's control socket is in its abstract address space. */
export function joinNetwork(p: ProgramBuilder, container: Slot): void {
  p.call("join the container's network namespace", "setns", [container, P.CLONE_NEWNET]);
}

/** In the child, in a mount namespace of its own. */
export function hide(p: ProgramBuilder, places: readonly string[]): void {
  for (const place of places)
    p.call(`hide ${place} from the runtime`, "umount2", [place, MNT_DETACH], {
      on: { EINVAL: "continue", ENOENT: "continue" },
    });
}

/** In the child, last. */
export function executeRuntime(p: ProgramBuilder, command: readonly string[]): void {
  p.call("set the usual file mode mask", "umask", [0o022]);
  p.call("leave no other fd open", "close_range", [3, 0xffffffff, CLOSE_RANGE_CLOEXEC], {
    on: { ENOSYS: "continue" },
  });
  p.call(`execute ${command[0]}`, "execve", [command[0]!, vector(command), vector(environment)]);
}

const environment = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root"];

/** In the parent: the end of the runtime's process, which must be a success; its log says why it was none. */
export function awaitRuntime(p: ProgramBuilder, link: Link, what: string): void {
  const info = output(128);
  link.awaitExec(p);
  p.close(link.parent);
  p.call(`have the runtime ${what}`, "waitid", [P.P_PIDFD, link.pidfd, info, P.WEXITED, 0], {
    check: { buffer: info, value: success, mask: codeAndStatus },
  });
  p.close(link.pidfd);
}

/** siginfo_t: si_code stands at 8 (CLD_EXITED is 1), si_status at 24. */
const success = fields(1, 0);
const codeAndStatus = fields(0xffffffff, 0xffffffff);

function fields(code: number, status: number): Uint8Array {
  const bytes = Buffer.alloc(28);
  bytes.writeUInt32LE(code, 8);
  bytes.writeUInt32LE(status, 24);
  return bytes;
}

/** The process that the runtime left, by the pid it wrote: a child of ours, so that the pid is not another's. */
export function openProcess(p: ProgramBuilder, pid: number, slot: Slot): void {
  p.call("find the process that the runtime left", "pidfd_open", [pid, 0], { slot });
}
