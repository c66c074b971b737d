/** What a rule can look at, and how nft names it: one field, or several joined with " . ". */

import type { Family } from "./batch.ts";
import { conntrack, destinationType, type Expression, meta, payload } from "./expression.ts";

export interface Field {
  readonly text: string;
  /** How the type is named in the declaration of a set. */
  readonly type: keyof typeof dataTypes;
  /** Puts the value into registers from this one on. */
  load(register: number): Expression;
}

export const inputName: Field = { text: "iifname", type: "ifname", load: (to) => meta("iifname", to) };
export const outputName: Field = { text: "oifname", type: "ifname", load: (to) => meta("oifname", to) };
export const protocol: Field = {
  text: "meta l4proto",
  type: "inet_proto",
  load: (to) => meta("l4proto", to),
};
/** At the same place in TCP, UDP and SCTP. */
export const destinationPort: Field = {
  text: "th dport",
  type: "inet_service",
  load: (to) => payload("transport", 2, 2, to),
};
export const connectionState: Field = {
  text: "ct state",
  type: "ct_state",
  load: (to) => conntrack("state", to),
};
export const connectionStatus: Field = {
  text: "ct status",
  type: "ct_status",
  load: (to) => conntrack("status", to),
};
export const destinationKind: Field = { text: "fib daddr type", type: "fib_addrtype", load: destinationType };

export const sourceAddress: Readonly<Record<Family, Field>> = {
  ip: { text: "ip saddr", type: "ipv4_addr", load: (to) => payload("network", 12, 4, to) },
  ip6: { text: "ip6 saddr", type: "ipv6_addr", load: (to) => payload("network", 8, 16, to) },
};
export const destinationAddress: Readonly<Record<Family, Field>> = {
  ip: { text: "ip daddr", type: "ipv4_addr", load: (to) => payload("network", 16, 4, to) },
  ip6: { text: "ip6 daddr", type: "ipv6_addr", load: (to) => payload("network", 24, 16, to) },
};

/** Loads the fields one behind the other, as the keys of concatenated sets are laid out. */
export function loadAll(fields: readonly Field[]): Expression[] {
  let register = 0;
  return fields.map((field) => {
    const loaded = field.load(register);
    register += registersOf(field.type);
    return loaded;
  });
}

export const textOf = (fields: readonly Field[]): string => fields.map(({ text }) => text).join(" . ");

export type DataType = keyof typeof dataTypes;

/** nft's number of a type, which it needs to print elements, and the size of a value. */
export const dataTypes = {
  ipv4_addr: { number: 7, size: 4 },
  ipv6_addr: { number: 8, size: 16 },
  inet_proto: { number: 12, size: 1 },
  inet_service: { number: 13, size: 2 },
  ct_state: { number: 26, size: 4 },
  ct_status: { number: 28, size: 4 },
  fib_addrtype: { number: 40, size: 4 },
  ifname: { number: 41, size: 16 },
} as const satisfies Readonly<Record<string, { readonly number: number; readonly size: number }>>;

export const registersOf = (type: DataType): number => Math.ceil(dataTypes[type].size / 4);
