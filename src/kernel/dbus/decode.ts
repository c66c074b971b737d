/** Bytes → values: what `encode.ts` writes. What does not keep to the wire format is refused. */

import { BrigError } from "../../base/errors.ts";
import { alignmentOf, completeTypes, memberTypes, type Value, type Variant } from "./type.ts";

export function decode(signature: string, bytes: Buffer): readonly Value[] {
  const reader: Reader = { bytes, at: 0, depth: 0 };
  try {
    return completeTypes(signature).map((type) => read(reader, type));
  } catch (cause) {
    throw new BrigError("internal", "cannot understand a message of D-Bus: it is malformed", { cause });
  }
}

interface Reader {
  readonly bytes: Buffer;
  at: number;
  /** Of variants in variants, which no signature bounds. */
  depth: number;
}

const depthMax = 64;

function read(r: Reader, type: string): Value {
  const letter = type[0]!;
  align(r, alignmentOf(type));
  const single = singles[letter];
  if (single) return single(r);
  if (letter === "v") return readVariant(r);
  if (letter === "a") return readArray(r, type.slice(1));
  return memberTypes(type).map((member) => read(r, member));
}

const singles: Readonly<Record<string, (r: Reader) => Value>> = {
  y: (r) => r.bytes.readUInt8(take(r, 1)),
  n: (r) => r.bytes.readInt16LE(take(r, 2)),
  q: (r) => r.bytes.readUInt16LE(take(r, 2)),
  i: (r) => r.bytes.readInt32LE(take(r, 4)),
  u: (r) => r.bytes.readUInt32LE(take(r, 4)),
  b: (r) => r.bytes.readUInt32LE(take(r, 4)) === 1,
  x: (r) => r.bytes.readBigInt64LE(take(r, 8)),
  t: (r) => r.bytes.readBigUInt64LE(take(r, 8)),
  d: (r) => r.bytes.readDoubleLE(take(r, 8)),
  s: (r) => readText(r, 4),
  o: (r) => readText(r, 4),
  g: (r) => readText(r, 1),
};

function readText(r: Reader, lengthSize: 1 | 4): string {
  const size = r.bytes.readUIntLE(take(r, lengthSize), lengthSize);
  const at = take(r, size + 1);
  return r.bytes.toString("utf8", at, at + size);
}

function readVariant(r: Reader): Variant {
  const signature = readText(r, 1);
  const [type, ...more] = completeTypes(signature);
  if (type === undefined || more.length > 0 || ++r.depth > depthMax)
    throw new RangeError(`a variant of the type ${JSON.stringify(signature)}`);
  const value = read(r, type);
  r.depth--;
  return { signature, value };
}

function readArray(r: Reader, type: string): readonly Value[] {
  const size = r.bytes.readUInt32LE(take(r, 4));
  align(r, alignmentOf(type));
  const end = r.at + size;
  const values: Value[] = [];
  while (r.at < end) values.push(read(r, type));
  if (r.at !== end) throw new RangeError("an array that ends inside an element");
  return values;
}

function align(r: Reader, alignment: number): void {
  r.at = Math.ceil(r.at / alignment) * alignment;
}

/** Where the bytes begin; beyond the end Buffer throws. */
function take(r: Reader, size: number): number {
  const { at } = r;
  if (at + size > r.bytes.length) throw new RangeError(`${size} bytes at ${at} of ${r.bytes.length}`);
  r.at += size;
  return at;
}
