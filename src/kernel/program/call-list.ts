/**
 * A segment of plain system calls, written straight into the executor's wire format (`native/wire.h`).
 *
 * A launch program is read by people and laid out by `encode.ts`. What a session streams, 50,000 calls for one image,
 * is read by nobody: here a call costs a tenth of a microsecond and no object. Calls stay in their order; text is
 * laid out once per use, as the bytes that its characters stand for (U+0000 to U+00FF), and ends in NUL.
 */

import { BrigError } from "../../base/errors.ts";
import type { SharedSyscallName } from "../syscalls.ts";
import { syscallNumber } from "../syscalls.ts";
import { hostArchitecture } from "./encode.ts";
import * as wire from "./wire.ts";

const { recordWord: at, flag, frameSize, headerSize, noOffset, opcode, recordSize, ruleSize } = wire;

/** Bits for `CallList.call`: which arguments are addresses, as offsets in the blob. */
export const pointer0 = 1;
export const pointer1 = 2;
export const pointer2 = 4;
export const pointer3 = 8;

/** The numbers of some calls on this machine, looked up once. */
export function callNumbers<Name extends SharedSyscallName>(
  ...names: readonly Name[]
): { readonly [Each in Name]: number } {
  const architecture = hostArchitecture();
  return Object.fromEntries(names.map((name) => [name, syscallNumber(name, architecture)])) as {
    [Each in Name]: number;
  };
}

const recordWords = recordSize / 4;
const ruleWords = ruleSize / 4;
const twoTo32 = 2 ** 32;

export class CallList {
  #records = new Uint32Array(recordWords * 1024);
  #rules = new Uint32Array(ruleWords * 256);
  #blob = new Uint8Array(65536);
  #blobWords = new Uint32Array(this.#blob.buffer);
  #count = 0;
  #ruleCount = 0;
  #size = 0;
  #zeroes = 0;
  #data = 0;
  /**
   * Record, word of it and offset of each address of an output buffer: those stand behind the blob, whose size is not
   * yet known.
   */
  readonly #outputs: number[] = [];

  /** Calls so far: the index of the next one. */
  get length(): number {
    return this.#count;
  }

  /** Bytes that the `data` calls so far will take. */
  get dataLength(): number {
    return this.#data;
  }

  /** Forgets everything, to be filled again. */
  clear(): void {
    this.#count = this.#ruleCount = this.#size = this.#zeroes = this.#data = this.#outputs.length = 0;
  }

  /** Adds a system call; `pointers` says which arguments are places in the blob. */
  call(number: number, pointers: number, a = 0, b = 0, c = 0, d = 0, e = 0): number {
    return this.#record(opcode.call, pointers, number, a, b, c, d, e);
  }

  /** Copies bytes of the segment's data to an fd, behind those that the call before it copies there. */
  data(fd: number, size: number): void {
    this.#data += size;
    const last = this.#last;
    const r = this.#records;
    if (this.#count === 0 || (r[last]! & 0xffff) !== opcode.data || r[last + at.args] !== fd) {
      this.#record(opcode.data, 0, 0, fd, size);
      return;
    }
    const sum = r[last + at.args + 2]! + r[last + at.args + 3]! * twoTo32 + size;
    r[last + at.args + 2] = sum;
    r[last + at.args + 3] = upper(sum);
  }

  /** A jump; `land` says where to. */
  jump(): number {
    return this.#record(opcode.jump, 0, 0);
  }

  /** The fd that the last call returns moves here. */
  into(slot: number): void {
    this.#records[this.#last + at.slot] = slot;
  }

  /** The last call returns exactly this, or fails with EBADMSG; less than 2^31. */
  expect(result: number): void {
    this.#records[this.#last + at.opAndFlags]! |= flag.exact << 16;
    this.#records[this.#last + at.expect] = result;
  }

  /** The last call may fail so: the list goes on with the next. */
  forgive(errno: number): void {
    this.#rule(errno, 0);
  }

  /** The last call may fail so: the list goes on where `landRule` says. */
  branch(errno: number): number {
    return this.#rule(errno, 1);
  }

  /** A jump, or a branch, leads to the next call that is added. There must be one. */
  land(jump: number): void {
    this.#records[jump * recordWords + at.target] = this.#count;
  }

  landRule(rule: number): void {
    this.#rules[rule * ruleWords + 2] = this.#count;
  }

  /** The result of the last call is answered. */
  answer(): void {
    this.#records[this.#last + at.opAndFlags]! |= flag.answer << 16;
  }

  /** The last call writes to a buffer, the address of which is its `argument`; what it wrote is answered. */
  answerBuffer(argument: number, size: number): void {
    this.answer();
    this.#records[this.#last + at.opAndFlags]! |= (1 << argument) << 16;
    this.#records[this.#last + at.length] = size;
    const buffer = this.room(size);
    this.#outputs.push(this.#last, at.args + 2 * argument, buffer, this.#last, at.buffer, buffer);
  }

  /** Room for what calls write, all zeroes; `writes` of a call and `answerRoom` of a later one name it. */
  room(size: number): number {
    const start = this.#zeroes;
    this.#zeroes += (size + 7) & ~7;
    return start;
  }

  /** The last call's `argument` is the address of a place in a room. */
  writes(argument: number, place: number): void {
    this.#records[this.#last + at.opAndFlags]! |= (1 << argument) << 16;
    this.#outputs.push(this.#last, at.args + 2 * argument, place);
  }

  /** Behind the last call, `size` bytes from a place in a room are answered, whatever it returned. */
  answerRoom(place: number, size: number): void {
    this.#records[this.#last + at.opAndFlags]! |= (flag.answer | flag.whole) << 16;
    this.#records[this.#last + at.length] = size;
    this.#outputs.push(this.#last, at.buffer, place);
  }

  text(characters: string): number {
    const length = characters.length;
    const start = this.#reserve(length + 1);
    const blob = this.#blob;
    for (let i = 0; i < length; i++) {
      const byte = characters.charCodeAt(i);
      // Attack: a name with a NUL means one thing to whoever checked it and another to the kernel.
      if (byte === 0 || byte > 0xff) throw unfit(characters);
      blob[start + i] = byte;
    }
    blob[start + length] = 0;
    return start;
  }

  bytes(value: Uint8Array): number {
    const start = this.#reserve(value.length);
    this.#blob.set(value, start);
    return start;
  }

  /** Up to four numbers of 64 bits each; they may be negative. */
  words(a: number, b: number, c = 0, d = 0): number {
    const start = this.#reserve(32);
    const w = this.#blobWords;
    const i = start >> 2;
    w[i] = a;
    w[i + 1] = upper(a);
    w[i + 2] = b;
    w[i + 3] = upper(b);
    w[i + 4] = c;
    w[i + 5] = upper(c);
    w[i + 6] = d;
    w[i + 7] = upper(d);
    return start;
  }

  /** Bytes of the frame as it stands. */
  get frameLength(): number {
    return frameSize + headerSize + this.#count * recordSize + this.#ruleCount * ruleSize + this.#size;
  }

  /** Writes the frame into `target`, which has room for it. */
  write(target: Buffer, serial: number): void {
    const buffers = (this.#size + 7) & ~7;
    for (let i = 0; i < this.#outputs.length; i += 3) {
      const [record, word, offset] = [this.#outputs[i]!, this.#outputs[i + 1]!, this.#outputs[i + 2]!];
      this.#records[record + word] = buffers + offset;
    }
    const head = [wire.segmentFrame, this.frameLength - frameSize, wire.magic, wire.version, serial];
    const counts = [this.#count, this.#ruleCount, 0];
    const tail = [
      this.#size,
      this.#zeroes + buffers - this.#size,
      this.#data >>> 0,
      Math.floor(this.#data / twoTo32),
    ];
    let to = 0;
    for (const word of [...head, ...counts, ...tail]) to = target.writeUInt32LE(word, to);
    to = copy(this.#records, this.#count * recordWords, target, to);
    to = copy(this.#rules, this.#ruleCount * ruleWords, target, to);
    target.set(this.#blob.subarray(0, this.#size), to);
  }

  get #last(): number {
    return (this.#count - 1) * recordWords;
  }

  #record(op: number, flags: number, number: number, a = 0, b = 0, c = 0, d = 0, e = 0): number {
    const i = this.#count * recordWords;
    if (i + recordWords > this.#records.length) this.#records = doubled(this.#records);
    const r = this.#records;
    r[i] = op | (flags << 16);
    r[i + 1] = number;
    // A store keeps a number modulo 2^32 (ToUint32).
    r[i + 2] = a;
    r[i + 3] = upper(a);
    r[i + 4] = b;
    r[i + 5] = upper(b);
    r[i + 6] = c;
    r[i + 7] = upper(c);
    r[i + 8] = d;
    r[i + 9] = upper(d);
    r[i + 10] = e;
    r[i + 11] = upper(e);
    for (let j = i + 12; j < i + recordWords; j++) r[j] = 0;
    r[i + at.slot] = noOffset;
    r[i + at.slot + 1] = noOffset;
    r[i + at.firstRule] = this.#ruleCount;
    r[i + at.mask] = noOffset;
    return this.#count++;
  }

  #rule(errno: number, action: number): number {
    const i = this.#ruleCount * ruleWords;
    if (i + ruleWords > this.#rules.length) this.#rules = doubled(this.#rules);
    this.#rules[i] = errno;
    this.#rules[i + 1] = action;
    this.#rules[i + 2] = 0;
    this.#records[this.#last + at.rules]! += 1;
    return this.#ruleCount++;
  }

  /** Eight-byte aligned room; never empty, so that an address is always inside the blob. */
  #reserve(size: number): number {
    const start = (this.#size + 7) & ~7;
    this.#size = start + Math.max(size, 1);
    if (this.#size > this.#blob.length) this.#growBlob();
    return start;
  }

  #growBlob(): void {
    let length = this.#blob.length;
    while (length < this.#size) length *= 2;
    const larger = new Uint8Array(length);
    larger.set(this.#blob);
    this.#blob = larger;
    this.#blobWords = new Uint32Array(larger.buffer);
  }
}

function unfit(characters: string): BrigError {
  return new BrigError(
    "invalid",
    `cannot use the name ${JSON.stringify(characters)}: it has a NUL or is no bytes`,
  );
}

/** The upper half of a number of 64 bits. */
function upper(value: number): number {
  return value >= 0 && value < twoTo32 ? 0 : Math.floor(value / twoTo32);
}

function doubled(words: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(words.length * 2);
  larger.set(words);
  return larger;
}

/** Both architectures are little endian, as the wire is. Returns where it ends. */
function copy(words: Uint32Array, count: number, target: Buffer, to: number): number {
  target.set(new Uint8Array(words.buffer, 0, count * 4), to);
  return to + count * 4;
}
