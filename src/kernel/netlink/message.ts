/**
 * Netlink messages: the 16-byte header and what follows it (netlink(7)).
 *
 * A request is a value: its bytes for the kernel and its text for people. Both are made at the same place so
 * that `brig explain` cannot say one thing and send another.
 */

import { aligned, concat } from "./attribute.ts";

export type NetlinkProtocol = "route" | "netfilter";

export interface NetlinkRequest {
  readonly protocol: NetlinkProtocol;
  /** One message, or for nf_tables one batch; every message that can fail asks for an acknowledgement. */
  readonly bytes: Uint8Array;
  /** The request as a user of ip(8) or nft(8) would type it. */
  readonly text: string;
}

/** Third argument of socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, …). */
export const netlinkProtocols: Readonly<Record<NetlinkProtocol, number>> = { route: 0, netfilter: 12 };

/** Flags of nlmsg_flags (NLM_F_…). */
export const flag = {
  request: 0x1,
  multi: 0x2,
  ack: 0x4,
  /** What is dumped has changed in the meantime: entries may be missing. */
  interrupted: 0x10,
  capped: 0x100,
  acknowledgedWithText: 0x200,
  root: 0x100,
  match: 0x200,
  replace: 0x100,
  exclusive: 0x200,
  create: 0x400,
  append: 0x800,
} as const;

/** A request to dump a whole table answers with many messages and NLMSG_DONE instead of an acknowledgement. */
export const dumpFlags = flag.request | flag.root | flag.match;

/** One message; `flags` as they are, `sequence` comes back in the answer. */
export function message(
  type: number,
  flags: number,
  sequence: number,
  ...body: readonly Uint8Array[]
): Uint8Array {
  const payload = concat(body);
  const out = new Uint8Array(aligned(headerSize + payload.length));
  const view = new DataView(out.buffer);
  view.setUint32(0, headerSize + payload.length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, flags, true);
  view.setUint32(8, sequence, true);
  out.set(payload, headerSize);
  return out;
}

export interface NetlinkMessage {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  readonly body: Uint8Array;
}

/** The messages of one or more datagrams, as received. A cut-off message ends the walk. */
export function* messagesOf(bytes: Uint8Array): Generator<NetlinkMessage> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at + headerSize <= bytes.length; ) {
    const length = view.getUint32(at, true);
    if (length < headerSize || at + length > bytes.length) return;
    yield {
      type: view.getUint16(at + 4, true),
      flags: view.getUint16(at + 6, true),
      sequence: view.getUint32(at + 8, true),
      body: bytes.subarray(at + headerSize, at + length),
    };
    at += aligned(length);
  }
}

const headerSize = 16;
