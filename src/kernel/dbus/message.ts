/** A message of D-Bus: its header, its body, and where one ends (D-Bus Specification, "Message Format"). */

import { BrigError } from "../../base/errors.ts";
import { decode } from "./decode.ts";
import { encode } from "./encode.ts";
import { type Value, type Variant, variant } from "./type.ts";

export const messageType = { call: 1, answer: 2, error: 3, signal: 4 } as const;

export interface Message {
  readonly type: number;
  readonly serial: number;
  readonly path?: string;
  readonly interface?: string;
  readonly member?: string;
  readonly errorName?: string;
  /** Of the call that this answers. */
  readonly replySerial?: number;
  readonly destination?: string;
  readonly sender?: string;
  /** Of the body. */
  readonly signature?: string;
  readonly body?: readonly Value[];
}

type Field = Exclude<keyof Message, "type" | "serial" | "body">;

/** Code and type of each header field. */
const fields: Readonly<Record<Field, readonly [code: number, type: string]>> = {
  path: [1, "o"],
  interface: [2, "s"],
  member: [3, "s"],
  errorName: [4, "s"],
  replySerial: [5, "u"],
  destination: [6, "s"],
  sender: [7, "s"],
  signature: [8, "g"],
};

const names = Object.keys(fields) as Field[];

const header = "yyyyuua(yv)";
const littleEndian = "l".charCodeAt(0);
const version = 1;

export function encodeMessage(message: Message): Buffer {
  const body = encode(message.signature ?? "", message.body ?? []);
  const given = names.flatMap((name) => {
    const [code, type] = fields[name];
    const value = message[name];
    return value === undefined ? [] : [[code, variant(type, value)]];
  });
  const head = encode(header, [littleEndian, message.type, 0, version, body.length, message.serial, given]);
  return Buffer.concat([head, Buffer.alloc(padding(head.length)), body]);
}

/** The fixed part of a header, which says how long the rest is. */
export const headLength = 16;

/** The specification allows 128 MiB; what systemd answers to us is a few hundred bytes. */
const lengthMax = 1 << 20;

/** Of the message that begins so: `bytes` are its first 16. */
export function messageLength(bytes: Buffer): number {
  if (bytes[0] !== littleEndian || bytes[3] !== version)
    throw new BrigError("internal", "cannot understand a message of D-Bus: it is of another kind");
  const head = headLength + bytes.readUInt32LE(12);
  const length = head + padding(head) + bytes.readUInt32LE(4);
  if (length > lengthMax)
    throw new BrigError("internal", `cannot read a message of D-Bus of ${length} bytes: too large`);
  return length;
}

export function decodeMessage(bytes: Buffer): Message {
  const [, type, , , bodyLength, serial, given] = decode(header, bytes);
  const known = (given as readonly (readonly [number, Variant])[]).flatMap(([code, { value }]) => {
    const name = names.find((field) => fields[field][0] === code);
    return name === undefined ? [] : [[name, value]];
  });
  const found = Object.fromEntries(known) as Pick<Message, Field>;
  // Offsets count from the start of the body.
  const body = decode(found.signature ?? "", bytes.subarray(bytes.length - (bodyLength as number)));
  return { type: type as number, serial: serial as number, ...found, body };
}

/** A header is filled up to a multiple of eight. */
function padding(length: number): number {
  return (8 - (length % 8)) % 8;
}
