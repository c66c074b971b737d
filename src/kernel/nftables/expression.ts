/**
 * Expressions of a rule: each loads, tests or acts on registers (include/uapi/linux/netfilter/nf_tables.h).
 *
 * Registers are counted in fours of bytes from 0 to 15. Numbers in attributes are big endian; data compared or
 * looked up is laid out as the packet or the kernel has it.
 */

import { attribute, bigU32, concat, nest, text, u8 } from "../netlink/attribute.ts";

/** One expression, encoded as an element of NFTA_RULE_EXPRESSIONS. */
export type Expression = Uint8Array;

export const meta = (key: keyof typeof metaKeys, to: number): Expression =>
  expression("meta", attribute(1, register(to)), attribute(2, bigU32(metaKeys[key])));

export const conntrack = (key: keyof typeof conntrackKeys, to: number): Expression =>
  expression("ct", attribute(1, register(to)), attribute(2, bigU32(conntrackKeys[key])));

/** Bytes of the packet; `base` is the header they are counted from. */
export const payload = (
  base: keyof typeof payloadBases,
  offset: number,
  length: number,
  to: number,
): Expression =>
  expression(
    "payload",
    attribute(1, register(to)),
    attribute(2, bigU32(payloadBases[base])),
    attribute(3, bigU32(offset)),
    attribute(4, bigU32(length)),
  );

/** What kind of address the destination is to this host: RTN_LOCAL, RTN_BROADCAST, … */
export const destinationType = (to: number): Expression =>
  expression("fib", attribute(1, register(to)), attribute(2, bigU32(3)), attribute(3, bigU32(1 << 1)));

/** Goes on when the register equals the value, or differs from it. */
export const compare = (from: number, operator: "==" | "!=", value: Uint8Array): Expression =>
  expression(
    "cmp",
    attribute(1, register(from)),
    attribute(2, bigU32(operator === "==" ? 0 : 1)),
    nest(3, data(value)),
  );

/** Clears the bits that are not in the mask. */
export const mask = (at: number, value: Uint8Array): Expression =>
  expression(
    "bitwise",
    attribute(1, register(at)),
    attribute(2, register(at)),
    attribute(3, bigU32(value.length)),
    nest(4, data(value)),
    nest(5, data(new Uint8Array(value.length))),
  );

/** Goes on when the key is in the set (or is not); a map also gives its data. */
export const lookup = (
  set: string,
  from: number,
  options: { readonly to?: number; readonly not?: boolean },
): Expression =>
  expression(
    "lookup",
    attribute(1, text(set)),
    attribute(2, register(from)),
    ...(options.to === undefined ? [] : [attribute(3, register(options.to))]),
    ...(options.not ? [attribute(5, bigU32(1))] : []),
  );

/** Ends the chain with a verdict. */
export const verdict = (name: keyof typeof verdicts): Expression =>
  expression("immediate", attribute(1, bigU32(0)), nest(2, nest(2, attribute(1, bigU32(verdicts[name])))));

/** Rewrites the destination to the address and port in two registers; `family` as NFPROTO. */
export const destinationNat = (family: number, address: number, port: number): Expression =>
  expression(
    "nat",
    attribute(1, bigU32(1)),
    attribute(2, bigU32(family)),
    attribute(3, register(address)),
    attribute(5, register(port)),
  );

/** Rewrites the source to the address of the interface the packet leaves by. */
export const masquerade = (): Expression => expression("masq");

/** Bits of `ct state` (NF_CT_STATE_BIT) and `ct status` (IPS_…). */
export const connection = { established: 1 << 1, related: 1 << 2, destinationNat: 1 << 5 } as const;

/** The address belongs to this host (RTN_LOCAL). */
export const localAddress = 2;

const metaKeys = { iifname: 6, oifname: 7, l4proto: 16 } as const;
const conntrackKeys = { state: 0, status: 2 } as const;
const payloadBases = { network: 1, transport: 2 } as const;
const verdicts = { drop: 0, accept: 1 } as const;

/** NFT_REG32_00 is number 8. */
const register = (index: number): Uint8Array => bigU32(8 + index);

const data = (value: Uint8Array): Uint8Array => attribute(1, value);

function expression(name: string, ...attributes: readonly Uint8Array[]): Expression {
  return nest(
    1,
    attribute(1, text(name)),
    ...(attributes.length === 0 ? [nest(2)] : [nest(2, ...attributes)]),
  );
}

/** The comment that nft shows behind a rule (NFTNL_UDATA_RULE_COMMENT). */
export function commentData(comment: string): Uint8Array {
  const value = text(comment);
  return concat([u8(0), u8(value.length), value]);
}
