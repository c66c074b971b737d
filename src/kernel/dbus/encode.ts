/** Values → bytes, little endian (D-Bus Specification, "Marshaling (Wire Format)"). */

import { alignmentOf, completeTypes, memberTypes, type Value, type Variant } from "./type.ts";

/** The values of a signature's types, beginning at an offset that is a multiple of eight. */
export function encode(signature: string, values: readonly Value[]): Buffer {
  const writer = new Writer();
  completeTypes(signature).forEach((type, i) => {
    write(writer, type, values[i]!);
  });
  return writer.bytes();
}

class Writer {
  #buffer = Buffer.alloc(512);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  /** Zeroes up to the next multiple. */
  align(alignment: number): void {
    this.room((alignment - (this.#length % alignment)) % alignment);
  }

  /** So many bytes more, all zero: where they begin. */
  room(size: number): number {
    const at = this.#length;
    this.#length += size;
    if (this.#length > this.#buffer.length)
      this.#buffer = Buffer.concat([this.#buffer, Buffer.alloc(this.#length)]);
    return at;
  }

  /** The buffer, to be written to at what `room` answered. */
  get buffer(): Buffer {
    return this.#buffer;
  }
}

function write(w: Writer, type: string, value: Value): void {
  const letter = type[0]!;
  w.align(alignmentOf(type));
  const number = numbers[letter];
  if (number) number(w, value as never);
  else if (letter === "v") writeVariant(w, value as Variant);
  else if (letter === "a") writeArray(w, type.slice(1), value as readonly Value[]);
  else
    memberTypes(type).forEach((member, i) => {
      write(w, member, (value as readonly Value[])[i]!);
    });
}

/** What is not made of other values. Room comes first: it may be another buffer then. */
const numbers: Readonly<Record<string, (w: Writer, value: never) => void>> = {
  y: fixed(1, (buffer, value: number, at) => buffer.writeUInt8(value, at)),
  n: fixed(2, (buffer, value: number, at) => buffer.writeInt16LE(value, at)),
  q: fixed(2, (buffer, value: number, at) => buffer.writeUInt16LE(value, at)),
  i: fixed(4, (buffer, value: number, at) => buffer.writeInt32LE(value, at)),
  u: fixed(4, (buffer, value: number, at) => buffer.writeUInt32LE(value, at)),
  b: fixed(4, (buffer, value: boolean, at) => buffer.writeUInt32LE(Number(value), at)),
  x: fixed(8, (buffer, value: bigint, at) => buffer.writeBigInt64LE(value, at)),
  t: fixed(8, (buffer, value: bigint, at) => buffer.writeBigUInt64LE(value, at)),
  d: fixed(8, (buffer, value: number, at) => buffer.writeDoubleLE(value, at)),
  s: (w, value: string) => writeText(w, 4, value),
  o: (w, value: string) => writeText(w, 4, value),
  g: (w, value: string) => writeText(w, 1, value),
};

function fixed<T>(size: number, put: (buffer: Buffer, value: T, at: number) => void) {
  return (w: Writer, value: T): void => {
    const at = w.room(size);
    put(w.buffer, value, at);
  };
}

/** The length, in one byte or four, the text, and a NUL that does not count. */
function writeText(w: Writer, lengthSize: 1 | 4, text: string): void {
  const size = Buffer.byteLength(text);
  const at = w.room(lengthSize + size + 1);
  w.buffer.writeUIntLE(size, at, lengthSize);
  w.buffer.write(text, at + lengthSize);
}

function writeVariant(w: Writer, { signature, value }: Variant): void {
  writeText(w, 1, signature);
  write(w, signature, value);
}

/** The length counts neither itself nor what aligns the first element. */
function writeArray(w: Writer, type: string, values: readonly Value[]): void {
  const at = w.room(4);
  w.align(alignmentOf(type));
  const start = w.length;
  for (const value of values) write(w, type, value);
  w.buffer.writeUInt32LE(w.length - start, at);
}
