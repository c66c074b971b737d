/**
 * Lays a program out as the executor's wire format (`native/wire.h`): instructions, errno rules, relocations
 * and one blob with every string, struct and buffer. The children's lists follow their parent's.
 */

import { type ErrnoName, errnoNumber } from "../errno.ts";
import { type Architecture, syscallNumber } from "../syscalls.ts";
import type { Argument, Output, Slot } from "./argument.ts";
import { Blob } from "./blob.ts";
import type { Call, Clone, Instruction, Label, Rules } from "./instruction.ts";
import * as wire from "./wire.ts";

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
  const encoder = new Encoder(program, options.architecture ?? hostArchitecture());
  return { bytes: encoder.encode(options.serial, options.stored ?? false), instructions: encoder.nodes };
}

export function hostArchitecture(): Architecture {
  return process.arch === "arm64" ? "aarch64" : "x86_64";
}

/** An instruction that becomes a record; a place does not. */
type Node = Exclude<Instruction, { kind: "place" }>;

const words = wire.recordSize / 4;
const { recordWord: at, flag, opcode } = wire;

class Encoder {
  readonly nodes: Node[] = [];
  readonly #labels = new Map<Label, number>();
  readonly #children = new Map<Clone, number>();
  readonly #architecture: Architecture;
  readonly #blob = new Blob();
  readonly #rules: number[] = [];
  readonly #records: Uint32Array;
  /** Words of records that refer to output buffers, whose place is known in the end. */
  readonly #late: number[] = [];
  #data = 0;

  constructor(program: readonly Instruction[], architecture: Architecture) {
    this.#architecture = architecture;
    this.#flatten(program);
    this.#records = new Uint32Array(this.nodes.length * words);
  }

  encode(serial: number, stored: boolean): Uint8Array {
    for (let i = 0; i < this.nodes.length; i++) this.#record(this.nodes[i]!, i * words);
    const blob = this.#blob;
    const base = blob.outputBase;
    for (const word of this.#late) this.#records[word]! += base;
    const rules = this.#rules.length / 3;
    const fixed = wire.frameSize + wire.headerSize;
    const recordBytes = this.#records.byteLength;
    const start = fixed + recordBytes + rules * wire.ruleSize + blob.relocations.length * 4;
    const frame = Buffer.alloc(start + blob.size);
    const header = [
      wire.segmentFrame,
      frame.length - wire.frameSize,
      wire.magic,
      wire.version | (stored ? 1 << 16 : 0),
      serial,
      this.nodes.length,
      rules,
      blob.relocations.length,
      blob.size,
      blob.zeroes,
      this.#data % 2 ** 32,
      Math.floor(this.#data / 2 ** 32),
    ];
    header.forEach((word, i) => {
      frame.writeUInt32LE(word, i * 4);
    });
    frame.set(new Uint8Array(this.#records.buffer), fixed);
    const tail = new Uint32Array(rules * 3 + blob.relocations.length);
    tail.set(this.#rules);
    tail.set(blob.relocations, rules * 3);
    frame.set(new Uint8Array(tail.buffer), fixed + recordBytes);
    blob.finish(frame, start);
    return frame;
  }

  #flatten(program: readonly Instruction[]): void {
    const waiting: Clone[] = [];
    this.#lay(program, waiting);
    for (let clone = waiting.shift(); clone; clone = waiting.shift()) {
      this.#children.set(clone, this.nodes.length);
      this.#lay(clone.child, waiting);
    }
  }

  #lay(list: readonly Instruction[], waiting: Clone[]): void {
    for (const node of list) {
      if (node.kind === "place") this.#labels.set(node.label, this.nodes.length);
      else this.nodes.push(node);
      if (node.kind === "clone") waiting.push(node);
    }
    // Every list ends itself: one process must not run on into the next one's.
    if (!ends(list.at(-1)?.kind)) this.nodes.push({ kind: "end", why: "end", code: 0, keep: false });
  }

  #record(node: Node, r: number): void {
    const w = this.#records;
    w[r] = opcode[node.kind];
    w[r + at.slot] = w[r + at.secondSlot] = wire.noOffset;
    w[r + at.mask] = wire.noOffset;
    switch (node.kind) {
      case "call":
        this.#call(node, r);
        return;
      case "clone":
        this.#flags(r, flag.answer);
        this.#wide(r + at.args, node.flags | (node.cgroup ? cloneIntoCgroup : 0n));
        w[r + at.args + 2] = node.cgroup?.fd ?? 0;
        this.#slots(r, node.pidfd, node.proc);
        w[r + at.target] = this.#children.get(node)!;
        return;
      case "netlink":
        w[r + at.args] = node.socket.fd;
        w[r + at.args + 2] = this.#blob.bytes(node.messages);
        w[r + at.args + 4] = node.messages.length;
        this.#on(r, node.on);
        return;
      case "run":
        this.#flags(r, 0b111);
        w[r + at.args] = this.#blob.string(node.path);
        w[r + at.args + 2] = this.#blob.vector(node.args);
        w[r + at.args + 4] = this.#blob.vector(node.env);
        w[r + at.args + 6] = this.#blob.bytes(node.stdin);
        w[r + at.args + 8] = node.stdin.length;
        w[r + at.args + 10] = node.timeout;
        this.#on(r, node.on);
        return;
      case "supervise":
        this.#argument(node.description, r, 0);
        return;
      case "fail":
        w[r + at.args] = errnoNumber(node.errno);
        return;
      case "end":
        w[r + at.args] = node.code;
        if (node.keep) this.#flags(r, flag.keep);
        return;
      case "jump":
        w[r + at.target] = this.#placeOf(node.to);
        return;
      case "data":
        w[r + at.args] = node.into.fd;
        this.#wide(r + at.args + 2, node.size);
        this.#data += node.size;
        return;
      case "pause":
        return;
    }
  }

  #call(node: Call, r: number): void {
    const w = this.#records;
    w[r + at.number] = syscallNumber(node.name, this.#architecture);
    for (let i = 0; i < node.args.length; i++) this.#argument(node.args[i]!, r, i);
    this.#slots(r, node.slot ?? node.pair?.first, node.pair?.second);
    if (node.expect !== undefined) {
      this.#flags(r, flag.exact);
      this.#wide(r + at.expect, node.expect);
    }
    const buffer = node.check?.buffer ?? node.answer?.buffer ?? node.pair?.into;
    if (buffer) this.#buffer(r, buffer, node.check?.value.length ?? buffer.size);
    if (node.answer) this.#flags(r, node.answer.whole ? flag.answer | flag.whole : flag.answer);
    if (node.pair) this.#flags(r, flag.pair);
    if (node.check) {
      this.#flags(r, flag.check);
      w[r + at.value] = this.#blob.bytes(node.check.value);
      if (node.check.mask) w[r + at.mask] = this.#blob.bytes(node.check.mask);
    }
    this.#on(r, node.on);
  }

  #argument(argument: Argument, r: number, i: number): void {
    const word = r + at.args + i * 2;
    if (typeof argument === "number" || typeof argument === "bigint") {
      this.#wide(word, argument);
      return;
    }
    if (typeof argument === "object" && "kind" in argument && argument.kind === "slot") {
      this.#records[word] = argument.fd;
      return;
    }
    this.#flags(r, 1 << i);
    if (typeof argument === "object" && "kind" in argument && argument.kind === "output")
      this.#late.push(word);
    this.#records[word] = this.#blob.place(argument);
  }

  #buffer(r: number, buffer: Output, length: number): void {
    this.#late.push(r + at.buffer);
    this.#records[r + at.buffer] = this.#blob.output(buffer);
    this.#records[r + at.length] = length;
  }

  #slots(r: number, first: Slot | undefined, second: Slot | undefined): void {
    if (first) this.#records[r + at.slot] = first.fd;
    if (second) this.#records[r + at.secondSlot] = second.fd;
  }

  #flags(r: number, bits: number): void {
    this.#records[r]! |= bits << 16;
  }

  /** A 64-bit value; numbers keep their sign. */
  #wide(word: number, value: number | bigint): void {
    const w = this.#records;
    if (typeof value === "number" && value >= 0 && value <= 0xffffffff) {
      w[word] = value;
      return;
    }
    const wide = BigInt.asUintN(64, BigInt(value));
    w[word] = Number(wide & 0xffffffffn);
    w[word + 1] = Number(wide >> 32n);
  }

  #on(r: number, on: Rules | undefined): void {
    if (!on) return;
    const first = this.#rules.length / 3;
    let count = 0;
    for (const name in on) {
      const rule = on[name as ErrnoName]!;
      const error = errnoNumber(name as ErrnoName);
      const { ruleAction: action } = wire;
      if (typeof rule === "string") this.#rules.push(error, action[rule], 0);
      else if (rule.kind === "label") this.#rules.push(error, action.jump, this.#placeOf(rule));
      else this.#rules.push(error, action.retry | (rule.times << 16), rule.delay);
      count++;
    }
    this.#records[r + at.firstRule] = first;
    this.#records[r + at.rules] = count;
  }

  #placeOf(label: Label): number {
    const place = this.#labels.get(label);
    if (place === undefined) throw new Error(`label ${label.name} is not placed`);
    return place;
  }
}

const cloneIntoCgroup = 0x200000000n;

function ends(kind: Instruction["kind"] | undefined): boolean {
  return kind === "end" || kind === "supervise" || kind === "fail" || kind === "pause";
}
