/**
 * Batches of nf_tables operations: all of one batch happens, or nothing (include/uapi/linux/netfilter/nfnetlink.h).
 *
 * Every operation asks for its own acknowledgement, which come only after the whole batch was committed or
 * given up, so that as many answers arrive as there are operations, and the first error among them says why.
 */

import { bigU16, concat, u8 } from "../netlink/attribute.ts";
import { flag, message, type NetlinkRequest } from "../netlink/message.ts";

export type Family = "ip" | "ip6";

/** One change to tables, chains, sets, rules or elements. */
export interface Operation {
  readonly type: number;
  readonly flags: number;
  readonly family: Family;
  readonly attributes: readonly Uint8Array[];
  /** As a user of nft would type it. */
  readonly text: string;
}

export function batch(operations: readonly Operation[]): NetlinkRequest {
  const messages = operations.map(({ type, flags, family, attributes }, i) =>
    netfilterMessage(
      (nftables << 8) | type,
      flag.ack | flags,
      i + 1,
      netfilterHeader(familyNumbers[family]),
      attributes,
    ),
  );
  const frame = netfilterHeader(0, nftables);
  return {
    protocol: "netfilter",
    bytes: concat([
      netfilterMessage(begin, 0, 0, frame, []),
      ...messages,
      netfilterMessage(end, 0, operations.length + 1, frame, []),
    ]),
    text: operations.map(({ text }) => text).join("\n"),
  };
}

export function netfilterMessage(
  type: number,
  flags: number,
  sequence: number,
  header: Uint8Array,
  attributes: readonly Uint8Array[],
): Uint8Array {
  return message(type, flag.request | flags, sequence, header, ...attributes);
}

/** struct nfgenmsg: address family, version 0, resource (big endian). */
export const netfilterHeader = (family: number, resource = 0): Uint8Array =>
  concat([u8(family), u8(0), bigU16(resource)]);

/** AF_INET and AF_INET6, as NFPROTO_… */
export const familyNumbers: Readonly<Record<Family, number>> = { ip: 2, ip6: 10 };
/** Bytes of an address. */
export const addressSizes: Readonly<Record<Family, number>> = { ip: 4, ip6: 16 };

/** NFNL_SUBSYS_NFTABLES */
export const nftables = 10;
const begin = 16; // NFNL_MSG_BATCH_BEGIN
const end = 17; // NFNL_MSG_BATCH_END
