/**
 * Reads what is there: the base chains of every table, to see whether another one drops what the host forwards; and
 * the sets, rules and elements of a table of ours, to see whether somebody has changed it.
 */

import { attribute, attributesOf, readAttributes, readText, text } from "../netlink/attribute.ts";
import { dumpFlags, messagesOf, type NetlinkRequest } from "../netlink/message.ts";
import { familyNumbers, netfilterHeader, netfilterMessage, nftables } from "./batch.ts";
import { hooks, type TableReference } from "./table.ts";

export interface HookedChain {
  readonly family: number;
  readonly table: string;
  readonly name: string;
  readonly hook: keyof typeof hooks | undefined;
  readonly policy: "accept" | "drop";
}

/** Asks for the chains of all families; answers are read with `readChains`. */
export function dumpChains(): NetlinkRequest {
  const bytes = netfilterMessage((nftables << 8) | getChain, dumpFlags, 1, netfilterHeader(0), []);
  return { protocol: "netfilter", bytes, text: "nft list chains" };
}

/** The chains that hang on a hook; others decide nothing by themselves. */
export function readChains(bytes: Uint8Array): HookedChain[] {
  return [...messagesOf(bytes)].flatMap(({ type, body }) => {
    if (type !== ((nftables << 8) | newChain)) return [];
    const attributes = readAttributes(body.subarray(4));
    const hook = attributes.get(4);
    if (!hook) return [];
    const number = bigU32At(readAttributes(hook).get(1));
    return [
      {
        family: body[0]!,
        table: readText(attributes.get(1) ?? new Uint8Array()),
        name: readText(attributes.get(3) ?? new Uint8Array()),
        hook: hookNames.find((name) => hooks[name] === number),
        policy: bigU32At(attributes.get(5)) === 0 ? "drop" : "accept",
      },
    ];
  });
}

/** Asks for the names of a table's sets and maps; answers are read with `readSets`. */
export function dumpSets(reference: TableReference): NetlinkRequest {
  return dumpOf(getSet, reference, [], `nft list sets table ${reference.family} ${reference.table}`);
}

/** None where there is no such table. */
export function readSets(bytes: Uint8Array): string[] {
  return ofType(bytes, newSet).map((attributes) => textAt(attributes, 2));
}

/** Asks for the rules of a table; answers are read with `readRules`. */
export function dumpRules(reference: TableReference): NetlinkRequest {
  return dumpOf(getRule, reference, [], `nft list table ${reference.family} ${reference.table}`);
}

export interface ListedRule {
  readonly chain: string;
  /** "" where it has none. */
  readonly comment: string;
}

/** In the order in which packets meet them. */
export function readRules(bytes: Uint8Array): ListedRule[] {
  return ofType(bytes, newRule).map((attributes) => ({
    chain: textAt(attributes, 2),
    comment: commentOf(attributes.get(7)),
  }));
}

/** Asks for the elements of a set or map; answers are read with `readElements`. */
export function dumpElements(reference: TableReference, set: string): NetlinkRequest {
  const words = `nft list set ${reference.family} ${reference.table} ${set}`;
  return dumpOf(getElement, reference, [attribute(2, text(set))], words);
}

export interface ListedElement {
  readonly key: Uint8Array;
  /** What a map gives for the key. */
  readonly data?: Uint8Array;
}

/** None where there is no such set. */
export function readElements(bytes: Uint8Array): ListedElement[] {
  return ofType(bytes, newElement).flatMap((attributes) =>
    [...attributesOf(attributes.get(3) ?? new Uint8Array())].map(([, element]) => {
      const parts = readAttributes(element);
      const value = (type: number) => {
        const nested = parts.get(type);
        return nested && readAttributes(nested).get(1);
      };
      const data = value(2);
      return { key: value(1) ?? new Uint8Array(), ...(data ? { data } : {}) };
    }),
  );
}

function dumpOf(
  type: number,
  { family, table }: TableReference,
  attributes: readonly Uint8Array[],
  words: string,
): NetlinkRequest {
  const header = netfilterHeader(familyNumbers[family]);
  const all = [attribute(1, text(table)), ...attributes];
  const bytes = netfilterMessage((nftables << 8) | type, dumpFlags, 1, header, all);
  return { protocol: "netfilter", bytes, text: words };
}

type Attributes = ReturnType<typeof readAttributes>;

const ofType = (bytes: Uint8Array, type: number): Attributes[] =>
  [...messagesOf(bytes)]
    .filter((message) => message.type === ((nftables << 8) | type))
    .map(({ body }) => readAttributes(body.subarray(4)));

const textAt = (attributes: Attributes, type: number) => readText(attributes.get(type) ?? new Uint8Array());

/** nft's own lists of type, length and value, of which type 0 is the comment (NFTNL_UDATA_RULE_COMMENT). */
function commentOf(data: Uint8Array | undefined): string {
  return data?.[0] === 0 ? readText(data.subarray(2, 2 + data[1]!)) : "";
}

// NFT_MSG_…
const getChain = 4;
const newChain = 3;
const newRule = 6;
const getRule = 7;
const newSet = 9;
const getSet = 10;
const newElement = 12;
const getElement = 13;
const hookNames = Object.keys(hooks) as (keyof typeof hooks)[];

const bigU32At = (value: Uint8Array | undefined): number | undefined =>
  value && new DataView(value.buffer, value.byteOffset, value.length).getUint32(0);
