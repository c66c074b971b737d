/** Reads a table of the kernel's by netlink, whole: in the network namespace of an executor. */

import { AF_NETLINK, SOCK_CLOEXEC, SOCK_RAW } from "../../kernel/abi/socket.ts";
import type { Executor } from "../../kernel/executor/executor.ts";
import { flag, messagesOf, type NetlinkRequest, netlinkProtocols } from "../../kernel/netlink/message.ts";
import { output, type Slot } from "../../kernel/program/argument.ts";
import { ProgramBuilder } from "../../kernel/program/builder.ts";

/** Larger dumps are read in several datagrams. */
const datagram = 32_768;

/** A dump has at most this many datagrams; more routes than that choose no subnet for us. */
const datagramsMax = 64;

/** A host on which containers come and go changes while it is read. */
const dumpsMax = 20;

/** Its messages, one behind the other; of what is not there, the error. */
export async function dump(executor: Executor, what: string, request: NetlinkRequest): Promise<Uint8Array> {
  const socket = executor.slots.slot(`netlink for ${what}`);
  for (let attempt = 1; ; attempt++) {
    const bytes = await dumpOnce(executor, socket, what, request);
    const changed = [...messagesOf(bytes)].some(({ flags }) => (flags & flag.interrupted) !== 0);
    if (!changed || attempt === dumpsMax) return bytes;
  }
}

async function dumpOnce(
  executor: Executor,
  socket: Slot,
  what: string,
  request: NetlinkRequest,
): Promise<Uint8Array> {
  const p = new ProgramBuilder();
  p.call(
    `ask for the host's ${what}`,
    "socket",
    [AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, netlinkProtocols[request.protocol]],
    { slot: socket },
  );
  p.call(`ask for the host's ${what}`, "write", [socket, request.bytes, request.bytes.length]);
  const buffer = output(datagram);
  const MSG_DONTWAIT = 0x40;
  const done = p.label("everything is read");
  for (let i = 0; i < datagramsMax; i++)
    p.call(`read the host's ${what}`, "recvfrom", [socket, buffer, datagram, MSG_DONTWAIT, 0, 0], {
      answer: { buffer },
      on: { EAGAIN: done },
    });
  p.place(done);
  p.close(socket);
  const { answers } = await executor.run(p.instructions);
  return Buffer.concat(answers.map(({ bytes }) => bytes));
}
