/** The parts of a rule as nft prints them, each with the expressions it is made of. */

import { u32 } from "../netlink/attribute.ts";
import { formatPrefix, type Prefix } from "../netlink/ip.ts";
import { type Family, familyNumbers } from "./batch.ts";
import * as expression from "./expression.ts";
import {
  connectionState,
  connectionStatus,
  dataTypes,
  destinationKind,
  type Field,
  loadAll,
  registersOf,
  textOf,
} from "./field.ts";

export interface Statement {
  readonly text: string;
  readonly expressions: readonly expression.Expression[];
}

export interface Rule {
  readonly statements: readonly Statement[];
  /** Why the rule is there; nft prints it behind the rule. */
  readonly comment: string;
}

export const inSet = (fields: readonly Field[], set: string): Statement => ({
  text: `${textOf(fields)} @${set}`,
  expressions: [...loadAll(fields), expression.lookup(set, 0, {})],
});

export const notInSet = (fields: readonly Field[], set: string): Statement => ({
  text: `${textOf(fields)} != @${set}`,
  expressions: [...loadAll(fields), expression.lookup(set, 0, { not: true })],
});

/** The address is in the network, or outside of it. */
export function inNetwork(field: Field, network: Prefix, operator: "==" | "!=" = "=="): Statement {
  const mask = network.address.map(
    (_, i) => (0xff00 >> Math.min(8, Math.max(0, network.length - 8 * i))) & 0xff,
  );
  return {
    text: `${field.text} ${operator === "!=" ? "!= " : ""}${formatPrefix(network)}`,
    expressions: [field.load(0), expression.mask(0, mask), expression.compare(0, operator, network.address)],
  };
}

/** The packet belongs to a connection that is allowed already. */
export const established = (): Statement =>
  bitsOf(
    connectionState,
    expression.connection.established | expression.connection.related,
    "established,related",
  );

/** The connection's destination was rewritten: it came to a published port. */
export const published = (): Statement =>
  bitsOf(connectionStatus, expression.connection.destinationNat, "dnat");

/** The destination is an address of this host. */
export const toThisHost: Statement = {
  text: "fib daddr type local",
  expressions: [destinationKind.load(0), expression.compare(0, "==", u32(expression.localAddress))],
};

/** Sends the packet to the address and port that the map has for the fields; goes on when it has none. */
export function translate(family: Family, fields: readonly Field[], map: string): Statement {
  const port = registersOf(family === "ip" ? "ipv4_addr" : "ipv6_addr");
  return {
    text: `dnat ${family} to ${textOf(fields)} map @${map}`,
    expressions: [
      ...loadAll(fields),
      expression.lookup(map, 0, { to: 0 }),
      expression.destinationNat(familyNumbers[family], 0, port),
    ],
  };
}

export const masquerade: Statement = { text: "masquerade", expressions: [expression.masquerade()] };
export const accept: Statement = { text: "accept", expressions: [expression.verdict("accept")] };
export const drop: Statement = { text: "drop", expressions: [expression.verdict("drop")] };

/** At least one of the bits is set. */
function bitsOf(field: Field, bits: number, names: string): Statement {
  const zero = new Uint8Array(dataTypes[field.type].size);
  return {
    text: `${field.text} ${names}`,
    expressions: [field.load(0), expression.mask(0, u32(bits)), expression.compare(0, "!=", zero)],
  };
}
