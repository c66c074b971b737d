/**
 * The memory of a segment: constant bytes, laid out as they come, and behind them the output buffers, which cost
 * nothing on the wire. Strings that occur twice are laid out once.
 *
 * On the way of every launch, in code that has just been loaded: no closures, no objects but the maps.
 */

import type { Argument, Output, Pointer, Struct } from "./argument.ts";

export class Blob {
  /** Offsets, in the constants, of pointers. */
  readonly relocations: number[] = [];
  #bytes = Buffer.alloc(32768);
  #size = 0;
  readonly #strings = new Map<string, number>();
  readonly #outputs = new Map<Output, number>();
  #outputSize = 0;
  /** Pointers into output buffers, whose place is known in the end: where, and which offset among the buffers. */
  readonly #late: number[] = [];

  /** Length of the constants. */
  get size(): number {
    return this.#size;
  }

  /** Bytes behind the constants, the gap before the first buffer included. */
  get zeroes(): number {
    return this.outputBase - this.#size + this.#outputSize;
  }

  /** Where the first output buffer begins. */
  get outputBase(): number {
    return (this.#size + 7) & ~7;
  }

  /** The offset of an argument that is an address; that of an output is among the outputs. */
  place(argument: Exclude<Argument, number | bigint>): number {
    if (typeof argument === "string") return this.string(argument);
    if (argument instanceof Uint8Array) return this.bytes(argument);
    if (argument.kind === "struct") return this.#struct(argument);
    if (argument.kind === "output") return this.output(argument);
    throw new Error(`a slot has no address: ${argument.name}`);
  }

  bytes(value: Uint8Array): number {
    const at = this.#reserve(value.length);
    this.#bytes.set(value, at);
    return at;
  }

  string(text: string): number {
    const known = this.#strings.get(text);
    if (known !== undefined) return known;
    const at = this.#reserve(text.length * 3 + 1);
    const length = this.#bytes.write(text, at);
    this.#bytes[at + length] = 0;
    this.#size = at + length + 1;
    this.#strings.set(text, at);
    return at;
  }

  /** Among the outputs. */
  output(buffer: Output): number {
    let at = this.#outputs.get(buffer);
    if (at === undefined) {
      at = this.#outputSize;
      this.#outputs.set(buffer, at);
      this.#outputSize += (buffer.size + 7) & ~7;
    }
    return at;
  }

  /** A vector of strings, as execve(2) takes it. */
  vector(strings: readonly string[]): number {
    const start = this.#reserve(strings.length * 8 + 8);
    this.#bytes.fill(0, start, start + strings.length * 8 + 8);
    let at = start;
    for (const text of strings) {
      this.#pointer(at, this.string(text));
      at += 8;
    }
    return start;
  }

  /** Everything is laid out: the constants go to the frame, with the pointers to output buffers filled in. */
  finish(frame: Buffer, at: number): void {
    const base = this.outputBase;
    for (let i = 0; i < this.#late.length; i += 2)
      this.#bytes.writeUInt32LE(base + this.#late[i + 1]!, this.#late[i]!);
    this.#bytes.copy(frame, at, 0, this.#size);
  }

  #struct({ parts }: Struct): number {
    let size = 0;
    for (const part of parts) size += "kind" in part ? 8 : part.length;
    const start = this.#reserve(size);
    let at = start;
    for (const part of parts) {
      if ("kind" in part) {
        this.#to(at, part.to);
        at += 8;
      } else {
        this.#bytes.set(part, at);
        at += part.length;
      }
    }
    return start;
  }

  #to(at: number, to: Pointer["to"]): void {
    if (typeof to === "object" && "kind" in to && to.kind === "output") {
      this.#late.push(at, this.output(to));
      this.#pointer(at, 0);
    } else this.#pointer(at, this.place(to));
  }

  #pointer(at: number, offset: number): void {
    this.relocations.push(at);
    this.#bytes.writeUInt32LE(offset, at);
    this.#bytes.writeUInt32LE(0, at + 4);
  }

  /** Eight-byte aligned room; never empty, so that an address is always inside the blob. */
  #reserve(size: number): number {
    const at = (this.#size + 7) & ~7;
    this.#size = at + (size === 0 ? 1 : size);
    if (this.#size > this.#bytes.length) {
      const larger = Buffer.alloc(Math.max(this.#size, this.#bytes.length * 2));
      this.#bytes.copy(larger);
      this.#bytes = larger;
    }
    return at;
  }
}
