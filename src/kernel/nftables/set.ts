/**
 * Sets, maps and their elements. Keys and data may join several types; every part begins at a multiple of four.
 *
 * Adding an element that is there is no error, unless it is of a map and has other data (EEXIST). Deleting one
 * that is not there is ENOENT. An absent table or set is ENOENT as well.
 */

import { attribute, bigU32, concat, nest, text, u8, u32 } from "../netlink/attribute.ts";
import { flag } from "../netlink/message.ts";
import type { Operation } from "./batch.ts";
import { type DataType, dataTypes } from "./field.ts";
import { operation, type TableReference } from "./table.ts";

export interface SetDeclaration {
  readonly name: string;
  readonly key: readonly DataType[];
  /** What a map gives for a key. */
  readonly data?: readonly DataType[];
  /** Elements are ranges: of one part, or of each part when the key joins several (Linux 5.6). */
  readonly interval?: boolean;
}

/** One value of a key or of data: its bytes and how nft writes it. */
export interface Value {
  readonly bytes: Uint8Array;
  readonly text: string;
}

export interface Element {
  readonly key: Value;
  /** The last key of the range, in sets of intervals. */
  readonly keyEnd?: Uint8Array;
  readonly data?: Value;
}

/** `id` tells the sets of one batch apart. No error when the set is there already. */
export function addSet(reference: TableReference, set: SetDeclaration, id: number): Operation {
  const flags = (set.interval ? setFlags.interval : 0) | (set.data ? setFlags.map : 0) | concatFlag(set);
  const attributes = [
    attribute(1, text(reference.table)),
    attribute(2, text(set.name)),
    attribute(3, bigU32(flags)),
    attribute(4, bigU32(typeNumber(set.key))),
    attribute(5, bigU32(sizeOf(set.key))),
    ...(set.data ? [attribute(6, bigU32(typeNumber(set.data))), attribute(7, bigU32(sizeOf(set.data)))] : []),
    ...(set.interval && set.key.length > 1 ? [nest(9, nest(2, ...set.key.map(fieldLength)))] : []),
    attribute(10, bigU32(id)),
    attribute(13, byteOrders(set)),
  ];
  const types = `type ${set.key.join(" . ")}${set.data ? ` : ${set.data.join(" . ")}` : ""};`;
  const place = `${reference.family} ${reference.table} ${set.name}`;
  const line = `add ${set.data ? "map" : "set"} ${place} { ${types}${set.interval ? " flags interval;" : ""} }`;
  return operation("newSet", flag.create, reference.family, attributes, line);
}

export function addElements(reference: TableReference, set: string, elements: readonly Element[]): Operation {
  return operation(
    "newElement",
    flag.create,
    reference.family,
    ...elementList(reference, "add", set, elements),
  );
}

export function deleteElements(
  reference: TableReference,
  set: string,
  elements: readonly Element[],
): Operation {
  const keys = elements.map(({ data: _, ...key }) => key);
  return operation("deleteElement", 0, reference.family, ...elementList(reference, "delete", set, keys));
}

/** Removes all elements of a set. */
export function flushSet({ family, table }: TableReference, set: string): Operation {
  const attributes = [attribute(1, text(table)), attribute(2, text(set))];
  return operation("deleteElement", 0, family, attributes, `flush set ${family} ${table} ${set}`);
}

/** Parts joined as keys are laid out: each padded to a multiple of four bytes. */
export function join(parts: readonly Value[]): Value {
  return {
    bytes: concat(parts.map(({ bytes }) => concat([bytes, new Uint8Array((4 - (bytes.length % 4)) % 4)]))),
    text: parts.map((part) => part.text).join(" . "),
  };
}

/** An interface's name as the kernel compares it: sixteen bytes, the rest zero. */
export function interfaceName(name: string): Value {
  const bytes = new Uint8Array(dataTypes.ifname.size);
  bytes.set(new TextEncoder().encode(name).subarray(0, bytes.length - 1));
  return { bytes, text: `"${name}"` };
}

const setFlags = { interval: 0x4, map: 0x8, concat: 0x80 } as const;

const concatFlag = (set: SetDeclaration): number =>
  set.interval && set.key.length > 1 ? setFlags.concat : 0;

const padded = (type: DataType): number => (dataTypes[type].size + 3) & ~3;

/** A single value is as long as it is; joined ones are padded. */
const sizeOf = (types: readonly DataType[]): number =>
  types.length === 1 ? dataTypes[types[0]!].size : types.reduce((sum, type) => sum + padded(type), 0);

/** nft's number of joined types: six bits for each. */
const typeNumber = (types: readonly DataType[]): number =>
  types.reduce((number, type) => (number << 6) | dataTypes[type].number, 0);

const fieldLength = (type: DataType): Uint8Array => nest(1, attribute(1, bigU32(dataTypes[type].size)));

/** For nft only: 1 the machine's byte order, 2 big endian (NFTNL_UDATA_SET_KEYBYTEORDER, …_DATABYTEORDER). */
function byteOrders({ key, data }: SetDeclaration): Uint8Array {
  const order = (types: readonly DataType[]): number => (types.length === 1 && types[0] === "ifname" ? 1 : 2);
  const entry = (type: number, types: readonly DataType[]) => concat([u8(type), u8(4), u32(order(types))]);
  return concat([entry(0, key), ...(data ? [entry(1, data)] : [])]);
}

function elementList(
  { family, table }: TableReference,
  verb: string,
  set: string,
  elements: readonly Element[],
): [attributes: readonly Uint8Array[], line: string] {
  const list = elements.map(({ key, keyEnd, data }) =>
    nest(
      1,
      nest(1, attribute(1, key.bytes)),
      ...(data ? [nest(2, attribute(1, data.bytes))] : []),
      ...(keyEnd ? [nest(10, attribute(1, keyEnd))] : []),
    ),
  );
  const words = elements.map(({ key, data }) => `${key.text}${data ? ` : ${data.text}` : ""}`);
  return [
    [attribute(1, text(table)), attribute(2, text(set)), nest(3, ...list)],
    `${verb} element ${family} ${table} ${set} { ${words.join(", ")} }`,
  ];
}
