/**
 * Network devices (runtime-spec 1.3, config-linux.md#network-devices): interfaces of the host that move into the
 * container's network namespace, take their new names there, keep their permanent addresses of global scope, and are
 * set up. What becomes of them when the namespace goes is the kernel's affair.
 */

import { BrigError } from "../../base/errors.ts";
import * as F from "../../kernel/abi/files.ts";
import { AF_NETLINK, NETLINK_ROUTE, SOCK_CLOEXEC, SOCK_RAW } from "../../kernel/abi/socket.ts";
import type { Executor } from "../../kernel/executor/executor.ts";
import { addAddress, dumpAddresses } from "../../kernel/netlink/address.ts";
import { type HostAddress, type Link, readLinks, readPermanentAddresses } from "../../kernel/netlink/dump.ts";
import { dumpLinks, setLink } from "../../kernel/netlink/link.ts";
import { messagesOf, type NetlinkRequest } from "../../kernel/netlink/message.ts";
import { output, type Slot } from "../../kernel/program/argument.ts";
import { ProgramBuilder } from "../../kernel/program/builder.ts";
import type { RuntimeConfig } from "../../spec/runtime/config.ts";
import type { NetworkPlan } from "../launch/options.ts";

interface Moved {
  readonly link: Link;
  /** Its name in the container. */
  readonly name: string;
  readonly addresses: readonly HostAddress[];
  readonly from: string;
}

/** Looks at the host's interfaces; undefined where the config names none. */
export async function planNetDevices(
  executor: Executor,
  config: RuntimeConfig,
): Promise<NetworkPlan | undefined> {
  const wanted = Object.entries(config.linux?.netDevices ?? {});
  if (wanted.length === 0) return undefined;
  if (config.linux?.namespaces?.some(({ type, path }) => type === "network" && path !== undefined))
    throw new BrigError(
      "unsupported",
      "cannot move network devices into a network namespace that is joined; leave its path out",
    );
  const socket = executor.slots.slot("rtnetlink of the host");
  const links = readLinks(await dump(executor, socket, dumpLinks(), true));
  const addresses = readPermanentAddresses(await dump(executor, socket, dumpAddresses(), false));
  const moved = wanted.map(([name, device]): Moved => {
    const link = links.find((l) => l.name === name);
    if (!link)
      throw new BrigError("not-found", `cannot move the network device ${name}: there is none of that name`);
    return {
      link,
      name: device.name ?? name,
      addresses: addresses.filter(({ linkIndex }) => linkIndex === link.index),
      from: `linux.netDevices.${name}`,
    };
  });
  return {
    host: (proc) => move(executor, socket, proc, moved),
    container: (inside) => moved.flatMap((device) => setUp(inside, device)),
  };
}

function move(executor: Executor, socket: Slot, proc: Slot, devices: readonly Moved[]) {
  const p = new ProgramBuilder();
  const namespace = executor.slots.slot("network namespace of the container");
  p.call("open the container's network namespace", "openat", [proc, "ns/net", F.O_RDONLY | F.O_CLOEXEC, 0], {
    slot: namespace,
    from: "linux.netDevices",
  });
  for (const { link, name, from } of devices) {
    const change = setLink({ index: link.index }, { namespaceFd: namespace.fd, name });
    p.netlink(`move the network device ${link.name} into the container as ${name}`, {
      socket,
      messages: change.bytes,
      text: change.text,
      from,
    });
  }
  p.close(namespace);
  p.close(socket);
  return p.instructions;
}

/** The index stays: a new namespace has none but the loopback interface's. */
function setUp(socket: Slot, { link, name, addresses, from }: Moved) {
  const p = new ProgramBuilder();
  const send = (why: string, { bytes, text }: NetlinkRequest) =>
    p.netlink(why, { socket, messages: bytes, text, from });
  for (const { address } of addresses)
    send(
      `give the network device ${name} its address again`,
      addAddress({ address, linkIndex: link.index, noDuplicateDetection: address.address.length === 16 }),
    );
  send(`set up the network device ${name}`, setLink({ index: link.index }, { up: true }));
  return p.instructions;
}

/** As much as the kernel puts into one datagram of a dump. */
const datagramMax = 32 * 1024;

/** The whole answer to a request for a list. */
async function dump(
  executor: Executor,
  socket: Slot,
  { bytes, text }: NetlinkRequest,
  first: boolean,
): Promise<Buffer> {
  const p = new ProgramBuilder();
  if (first)
    p.call("talk to the host's network", "socket", [AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE], {
      slot: socket,
      from: "linux.netDevices",
    });
  p.call(`ask for the host's interfaces (${text})`, "sendto", [socket, bytes, bytes.length, 0, 0, 0]);
  await executor.run(p.instructions);
  const parts: Buffer[] = [];
  for (;;) {
    const buffer = output(datagramMax);
    const read = new ProgramBuilder();
    read.call("read the host's interfaces", "recvfrom", [socket, buffer, datagramMax, 0, 0, 0], {
      answer: { buffer },
    });
    const { answers } = await executor.run(read.instructions);
    const part = Buffer.from(answers[0]!.bytes);
    parts.push(part);
    if ([...messagesOf(part)].some(({ type }) => type === NLMSG_DONE || type === NLMSG_ERROR)) break;
  }
  return Buffer.concat(parts);
}

const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
