/**
 * The terminal of a container (runtime-spec, config.md#process `terminal`; ioctl_tty(2), pty(7)).
 *
 * The pair comes from the container's own devpts, whose identity is checked first. The other end is opened by
 * TIOCGPTPEER and bound over /dev/console by its fd: no path of the container is followed (CVE-2025-52565).
 */

import * as F from "../../kernel/abi/files.ts";
import * as M from "../../kernel/abi/mount.ts";
import { TIOCGPTPEER, TIOCSCTTY, TIOCSPTLCK, TIOCSWINSZ } from "../../kernel/abi/process.ts";
import { AF_UNIX, MSG_NOSIGNAL, SOCK_CLOEXEC, SOCK_STREAM } from "../../kernel/abi/socket.ts";
import { output, type Slot, u32, u64 } from "../../kernel/program/argument.ts";
import type { ProgramBuilder, SlotAllocator } from "../../kernel/program/builder.ts";
import { fdMessage, unixAddress } from "../../kernel/program/unix-socket.ts";
import type { ConsoleSize } from "../../spec/runtime/process.ts";
import type { LaunchContext } from "./context.ts";
import { attach, openInRoot, openTarget } from "./target.ts";

const from = "process.terminal";

export interface Console {
  readonly master: Slot;
  readonly peer: Slot;
}

/** Opens a pair in the container's devpts and binds its other end over /dev/console. */
export function openConsole(c: LaunchContext, size: ConsoleSize | undefined): Console {
  const p = c.child;
  const [target, scratch] = c.scratch;
  const console = openTerminal(p, c.slots, c.root, size);
  openTarget(p, { root: c.root, path: "/dev/console", into: target, kind: "file", scratch, from });
  p.call(
    "take the terminal as a mount",
    "open_tree",
    [console.peer, "", M.OPEN_TREE_CLONE | M.OPEN_TREE_CLOEXEC | F.AT_EMPTY_PATH],
    { slot: scratch, from },
  );
  attach(p, scratch, target, "bind the terminal at /dev/console", { from });
  return console;
}

/** A new pair of the devpts at /dev/pts below the root. */
export function openTerminal(
  p: ProgramBuilder,
  slots: SlotAllocator,
  root: Slot,
  size: ConsoleSize | undefined,
): Console {
  const [master, peer] = [slots.slot("terminal, our end"), slots.slot("terminal, the container's end")];
  openInRoot(p, {
    root,
    path: "/dev/pts/ptmx",
    into: master,
    flags: F.O_RDWR | F.O_NOCTTY | F.O_NOFOLLOW,
    why: "open a new terminal",
    from,
  });
  const status = output(120);
  p.call("see that it belongs to a devpts", "fstatfs", [master, status], {
    from,
    check: { buffer: status, value: u64(M.DEVPTS_SUPER_MAGIC) },
  });
  p.call("unlock the terminal", "ioctl", [master, TIOCSPTLCK, u32(0)], { from });
  p.call("open its other end", "ioctl", [master, TIOCGPTPEER, F.O_RDWR | F.O_NOCTTY | F.O_CLOEXEC], {
    slot: peer,
    from,
  });
  if (size) {
    const window = Buffer.alloc(8);
    window.writeUInt16LE(size.height & 0xffff, 0);
    window.writeUInt16LE(size.width & 0xffff, 2);
    p.call("set its size", "ioctl", [master, TIOCSWINSZ, window], { from: "process.consoleSize" });
  }
  return { master, peer };
}

/** Makes the terminal stdio and the controlling one. */
export function useConsole(p: ProgramBuilder, { peer }: Console, uid: number): void {
  if (uid !== 0)
    p.call("give the terminal to the user", "fchown", [peer, uid, 0xffffffff], {
      from,
      on: { EPERM: "continue", EINVAL: "continue" },
    });
  for (const fd of [0, 1, 2]) p.call(`make the terminal fd ${fd}`, "dup3", [peer, fd, 0], { from });
  p.call("make it the controlling terminal", "ioctl", [0, TIOCSCTTY, 0], { from });
}

/** In the parent, before the clone: connects to whoever wants our end (runc's --console-socket). */
export function connectConsoleSocket(c: Pick<LaunchContext, "parent" | "slots">, path: string): Slot {
  const socket = c.slots.slot("console socket");
  c.parent.call("make a socket for the terminal", "socket", [AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0], {
    slot: socket,
    from,
  });
  c.parent.call("connect to the console socket", "connect", [socket, unixAddress(path), 110], { from });
  return socket;
}

export function sendConsole(p: ProgramBuilder, { master }: Console, socket: Slot): void {
  p.call("hand over the terminal", "sendmsg", [socket, fdMessage(master, "/dev/ptmx"), MSG_NOSIGNAL], {
    from,
  });
  p.close(socket);
  p.close(master);
}
