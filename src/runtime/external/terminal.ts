/**
 * The terminal that another runtime makes: it sends our end to a socket (runc's --console-socket, runc(8)).
 *
 * A received fd gets the lowest free number. So that the program, which has constants only, knows that number, it
 * closes fd 0 first, and sees in the message that it is what came.
 */

import * as F from "../../kernel/abi/files.ts";
import { TIOCSWINSZ } from "../../kernel/abi/process.ts";
import {
  AF_UNIX,
  MSG_CMSG_CLOEXEC,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
} from "../../kernel/abi/socket.ts";
import { output, pointer, type Slot, struct, u32, u64 } from "../../kernel/program/argument.ts";
import type { ProgramBuilder, SlotAllocator } from "../../kernel/program/builder.ts";
import { unixAddress } from "../../kernel/program/unix-socket.ts";
import type { ConsoleSize } from "../../spec/runtime/process.ts";

const from = "process.terminal";

/** Before the runtime is called. */
export function listenForTerminal(p: ProgramBuilder, slots: SlotAllocator, path: string): Slot {
  const socket = slots.slot("console socket");
  p.call(
    "make a socket for the terminal",
    "socket",
    [AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0],
    {
      slot: socket,
      from,
    },
  );
  p.call("bind it in the run directory", "bind", [socket, unixAddress(path), 110], { from });
  p.call("listen for the runtime", "listen", [socket, 1], { from });
  return socket;
}

/** After the call: the runtime has connected and sent. */
export function receiveTerminal(
  p: ProgramBuilder,
  slots: SlotAllocator,
  socket: Slot,
  master: Slot,
  size: ConsoleSize | undefined,
): void {
  const connection = slots.slot("connection of the runtime");
  p.call("accept the runtime's connection", "accept4", [socket, 0, 0, SOCK_CLOEXEC], {
    slot: connection,
    from,
    on: { EAGAIN: { kind: "retry", times: 1000, delay: 1 } },
  });
  p.close(socket);
  const control = output(24);
  const iovec = struct("", pointer(output(256)), u64(256));
  const message = struct("{msg_control=…}", u64(0, 0), pointer(iovec), u64(1), pointer(control), u64(24, 0));
  p.call("let 0 be the lowest free fd", "close", [0], { from });
  p.call("receive the terminal", "recvmsg", [connection, message, MSG_CMSG_CLOEXEC], {
    from,
    check: { buffer: control, value: terminalIsFd0 },
  });
  p.call("keep our end of the terminal for the shim", "dup3", [0, master.fd, F.O_CLOEXEC], { from });
  p.call("give 0 back", "close", [0], { from });
  p.call("let stdin be empty again", "openat", [F.AT_FDCWD, "/dev/null", F.O_RDWR, 0], { expect: 0, from });
  p.close(connection);
  if (!size) return;
  const window = Buffer.alloc(8);
  window.writeUInt16LE(size.height & 0xffff, 0);
  window.writeUInt16LE(size.width & 0xffff, 2);
  p.call("set its size", "ioctl", [master, TIOCSWINSZ, window], { from: "process.consoleSize" });
}

/** cmsg_len 20, SOL_SOCKET, SCM_RIGHTS, fd 0 */
const terminalIsFd0 = Buffer.concat([u64(20), u32(1, 1, 0)]);
