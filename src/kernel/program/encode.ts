/**
 * Lays a program out as the executor's wire format (`native/wire.h`): instructions, errno rules, relocations
 * and one blob with every string, struct and buffer. The children's lists follow their parent's.
 */

import { type ErrnoName, errnoNumber } from "../errno.ts";
import { type Architecture, syscallNumber } from "../syscalls.ts";
import type { Argument, Output, Pointer, Slot, Struct } from "./argument.ts";
import type { Clone, Instruction, Label, Rules } from "./instruction.ts";

export interface Segment {
  /** The frame as it goes to the executor, without the data of `data` instructions. */
  readonly bytes: Uint8Array;
  /** What stands at each index that the executor reports. */
  readonly instructions: readonly Instruction[];
}

export interface EncodeOptions {
  readonly serial: number;
  /** The executor keeps the segment, to be run when the container has ended. */
  readonly stored?: boolean;
  readonly architecture?: Architecture;
}

export function encode(program: readonly Instruction[], options: EncodeOptions): Segment {
  const flat = flatten(program);
  const blob = new Blob();
  const rules: number[][] = [];
  const architecture = options.architecture ?? hostArchitecture();
  const records = flat.instructions.map((node) => record(node, { blob, rules, flat, architecture }));
  const zeroes = blob.placeOutputs();
  const frame = Buffer.alloc(
    frameSize +
      headerSize +
      records.length * recordSize +
      rules.length * ruleSize +
      blob.relocations.length * 4 +
      blob.size,
  );
  const data = flat.instructions.reduce((sum, node) => sum + (node.kind === "data" ? node.size : 0), 0);
  const w = new Writer(frame);
  w.u32(32, frame.length - frameSize);
  w.u32(0x47495242);
  w.u16(1, options.stored ? 1 : 0);
  w.u32(options.serial, records.length, rules.length, blob.relocations.length, blob.size, zeroes);
  w.u64(data);
  for (const r of records) writeRecord(w, r, blob);
  for (const [error, action, count, operand] of rules) {
    w.u32(error!);
    w.u16(action!, count!);
    w.u32(operand!);
  }
  for (const at of blob.relocations) w.u32(at);
  blob.copyTo(frame, w.at);
  return { bytes: frame, instructions: flat.instructions };
}

export const frameSize = 8;
export const headerSize = 40;
export const recordSize = 104;
export const ruleSize = 12;
export const noOffset = 0xffffffff;

export const flag = {
  exact: 1 << 6,
  answer: 1 << 7,
  check: 1 << 8,
  pair: 1 << 9,
  whole: 1 << 10,
  keep: 1 << 11,
};
export const opcode = {
  call: 0,
  clone: 1,
  netlink: 2,
  run: 3,
  pause: 4,
  supervise: 5,
  fail: 6,
  end: 7,
  jump: 8,
  data: 9,
};

export function hostArchitecture(): Architecture {
  return process.arch === "arm64" ? "aarch64" : "x86_64";
}

interface Flat {
  readonly instructions: readonly Exclude<Instruction, { kind: "place" }>[];
  readonly labels: ReadonlyMap<Label, number>;
  readonly children: ReadonlyMap<Clone, number>;
}

function flatten(program: readonly Instruction[]): Flat {
  const instructions: Exclude<Instruction, { kind: "place" }>[] = [];
  const labels = new Map<Label, number>();
  const children = new Map<Clone, number>();
  const waiting: Clone[] = [];
  const lay = (list: readonly Instruction[]) => {
    for (const node of list) {
      if (node.kind === "place") labels.set(node.label, instructions.length);
      else instructions.push(node);
      if (node.kind === "clone") waiting.push(node);
    }
    // Every list ends itself: one process must not run on into the next one's.
    const last = list.at(-1)?.kind;
    if (last === "place" || !(last === "end" || last === "supervise" || last === "fail" || last === "pause"))
      instructions.push({ kind: "end", why: "end", code: 0, keep: false });
  };
  lay(program);
  for (let clone = waiting.shift(); clone; clone = waiting.shift()) {
    children.set(clone, instructions.length);
    lay(clone.child);
  }
  return { instructions, labels, children };
}

/** A place in the blob, known only when everything has been laid out. */
type Reference = { readonly kind: "at"; readonly offset: number } | Output;
type Word = number | bigint | Reference;

interface Record {
  readonly op: number;
  readonly number?: number;
  readonly flags?: number;
  readonly args?: readonly Word[];
  readonly expect?: number;
  readonly slot?: Slot | undefined;
  readonly secondSlot?: Slot | undefined;
  readonly rules?: readonly [first: number, count: number];
  readonly target?: number;
  readonly buffer?: Output | undefined;
  readonly length?: number;
  readonly value?: number;
  readonly mask?: number;
}

interface Context {
  readonly blob: Blob;
  readonly rules: number[][];
  readonly flat: Flat;
  readonly architecture: Architecture;
}

function record(node: Exclude<Instruction, { kind: "place" }>, c: Context): Record {
  const { blob, flat } = c;
  const op = opcode[node.kind];
  switch (node.kind) {
    case "call": {
      const buffer = node.check?.buffer ?? node.answer?.buffer ?? node.pair?.into;
      return {
        op,
        number: syscallNumber(node.name, c.architecture),
        flags:
          (node.expect === undefined ? 0 : flag.exact) |
          (node.answer ? flag.answer : 0) |
          (node.answer?.whole ? flag.whole : 0) |
          (node.check ? flag.check : 0) |
          (node.pair ? flag.pair : 0),
        args: node.args.map((a) => blob.word(a)),
        expect: node.expect ?? 0,
        slot: node.slot ?? node.pair?.first,
        secondSlot: node.pair?.second,
        rules: addRules(node.on, c),
        buffer,
        length: node.check?.value.length ?? buffer?.size ?? 0,
        ...(node.check ? { value: blob.bytes(node.check.value) } : {}),
        ...(node.check?.mask ? { mask: blob.bytes(node.check.mask) } : {}),
      };
    }
    case "clone":
      return {
        op,
        args: [node.flags | (node.cgroup ? 0x200000000n : 0n), node.cgroup?.fd ?? 0],
        slot: node.pidfd,
        secondSlot: node.proc,
        target: flat.children.get(node)!,
        flags: flag.answer,
      };
    case "netlink":
      return {
        op,
        args: [node.socket.fd, blob.bytes(node.messages), node.messages.length],
        rules: addRules(node.on, c),
      };
    case "run":
      return {
        op,
        args: [
          blob.word(node.path),
          blob.word(vectorOf(node.args)),
          blob.word(vectorOf(node.env)),
          blob.bytes(node.stdin),
          node.stdin.length,
          node.timeout,
        ],
        rules: addRules(node.on, c),
      };
    case "supervise":
      return { op, args: [blob.word(node.description)] };
    case "fail":
      return { op, args: [errnoNumber(node.errno)] };
    case "end":
      return { op, args: [node.code], flags: node.keep ? flag.keep : 0 };
    case "jump":
      return { op, target: placeOf(node.to, flat) };
    case "data":
      return { op, args: [node.into.fd, node.size] };
    case "pause":
      return { op };
  }
}

function vectorOf(strings: readonly string[]): Struct {
  const parts: (Uint8Array | Pointer)[] = strings.map((to) => ({ kind: "pointer", to }));
  return { kind: "struct", parts: [...parts, new Uint8Array(8)], text: "" };
}

function placeOf(label: Label, flat: Flat): number {
  const at = flat.labels.get(label);
  if (at === undefined) throw new Error(`label ${label.name} is not placed`);
  return at;
}

function addRules(on: Rules | undefined, c: Context): readonly [number, number] {
  const first = c.rules.length;
  for (const [name, rule] of Object.entries(on ?? {})) {
    const error = errnoNumber(name as ErrnoName);
    if (rule === "continue") c.rules.push([error, 0, 0, 0]);
    else if (rule === "remember") c.rules.push([error, 2, 0, 0]);
    else if (rule.kind === "label") c.rules.push([error, 1, 0, placeOf(rule, c.flat)]);
    else c.rules.push([error, 3, rule.times, rule.delay]);
  }
  return [first, c.rules.length - first];
}

function writeRecord(w: Writer, r: Record, blob: Blob): void {
  const args = r.args ?? [];
  let flags = r.flags ?? 0;
  args.forEach((a, i) => {
    if (typeof a === "object") flags |= 1 << i;
  });
  w.u16(r.op, flags);
  w.u32(r.number ?? 0);
  for (let i = 0; i < 6; i++) {
    const a = args[i] ?? 0;
    w.u64(typeof a === "object" ? blob.resolve(a) : a);
  }
  w.u64(r.expect ?? 0);
  w.u32(r.slot?.fd ?? -1, r.secondSlot?.fd ?? -1, ...(r.rules ?? [0, 0]), r.target ?? 0);
  w.u32(r.buffer ? blob.resolve(r.buffer) : 0, r.length ?? 0, r.value ?? 0, r.mask ?? noOffset, 0);
}

/** The constant bytes, grown as they come; strings that occur twice are laid out once. */
class Blob {
  readonly relocations: number[] = [];
  readonly #strings = new Map<string, number>();
  readonly #outputs = new Map<Output, number>();
  readonly #pointers: { readonly at: number; readonly to: Reference }[] = [];
  #memory = Buffer.alloc(16384);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  word(argument: Argument): Word {
    if (typeof argument === "number" || typeof argument === "bigint") return argument;
    if (typeof argument === "string" || argument instanceof Uint8Array) return this.#place(argument);
    return argument.kind === "slot" ? argument.fd : this.#place(argument);
  }

  bytes(value: Uint8Array): number {
    const at = this.#reserve(value.length);
    this.#memory.set(value, at);
    return at;
  }

  /** Output buffers follow the constants and cost nothing on the wire. Returns their size. */
  placeOutputs(): number {
    let at = (this.#size + 7) & ~7;
    for (const buffer of this.#outputs.keys()) {
      this.#outputs.set(buffer, at);
      at += (buffer.size + 7) & ~7;
    }
    for (const { at: where, to } of this.#pointers)
      this.#memory.writeBigUInt64LE(BigInt(this.resolve(to)), where);
    return at - this.#size;
  }

  resolve(reference: Reference): number {
    return reference.kind === "at" ? reference.offset : this.#outputs.get(reference)!;
  }

  copyTo(frame: Buffer, at: number): void {
    this.#memory.copy(frame, at, 0, this.#size);
  }

  #place(argument: Pointer["to"]): Reference {
    if (typeof argument === "string") return { kind: "at", offset: this.#string(argument) };
    if (argument instanceof Uint8Array) return { kind: "at", offset: this.bytes(argument) };
    if (argument.kind === "struct") return { kind: "at", offset: this.#struct(argument) };
    if (!this.#outputs.has(argument)) this.#outputs.set(argument, 0);
    return argument;
  }

  #string(text: string): number {
    const known = this.#strings.get(text);
    if (known !== undefined) return known;
    const bytes = Buffer.from(`${text}\0`);
    const at = this.bytes(bytes);
    this.#strings.set(text, at);
    return at;
  }

  #struct(value: Struct): number {
    const size = value.parts.reduce((sum, p) => sum + ("kind" in p ? 8 : p.length), 0);
    const start = this.#reserve(size);
    let at = start;
    for (const part of value.parts) {
      if ("kind" in part) {
        this.relocations.push(at);
        this.#pointers.push({ at, to: this.#place(part.to) });
        at += 8;
      } else {
        this.#memory.set(part, at);
        at += part.length;
      }
    }
    return start;
  }

  /** Eight-byte aligned room; never empty, so that an address is always inside the blob. */
  #reserve(size: number): number {
    const at = (this.#size + 7) & ~7;
    this.#size = at + Math.max(size, 1);
    if (this.#size > this.#memory.length) {
      const larger = Buffer.alloc(Math.max(this.#size, this.#memory.length * 2));
      this.#memory.copy(larger);
      this.#memory = larger;
    }
    return at;
  }
}

class Writer {
  readonly #view: DataView;
  at = 0;

  constructor(buffer: Buffer) {
    this.#view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
  }

  u16(...values: readonly number[]): void {
    for (const v of values) {
      this.#view.setUint16(this.at, v, true);
      this.at += 2;
    }
  }

  u32(...values: readonly number[]): void {
    for (const v of values) {
      this.#view.setUint32(this.at, v, true);
      this.at += 4;
    }
  }

  u64(...values: readonly (number | bigint)[]): void {
    for (const v of values) {
      if (typeof v === "number" && v >= 0 && v <= 0xffffffff) {
        this.#view.setUint32(this.at, v, true);
        this.#view.setUint32(this.at + 4, 0, true);
      } else this.#view.setBigUint64(this.at, BigInt.asUintN(64, BigInt(v)), true);
      this.at += 8;
    }
  }
}
