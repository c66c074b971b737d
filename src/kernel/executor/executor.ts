/**
 * A running executor (`native/`), driven over its control socket.
 *
 * One segment is under way at a time. `run` sends a program and resolves with the answers of its flagged
 * instructions, in order, when the program is done or pauses; a failed instruction rejects with KernelFailure.
 */

import { BrigError } from "../../base/errors.ts";
import type { HostPath } from "../../base/ids.ts";
import { channel } from "../channel/channel.ts";
import type { Child, ChildOptions } from "../channel/connection.ts";
import { SlotAllocator } from "../program/builder.ts";
import { encode, type Segment } from "../program/encode.ts";
import type { Instruction } from "../program/instruction.ts";
import { KernelFailure } from "./failure.ts";
import { FrameStream } from "./frames.ts";

export const frameType = { answer: 1, paused: 2, done: 3, failed: 4, segment: 32 } as const;

export interface Answer {
  readonly instruction: Exclude<Instruction, { kind: "place" }>;
  /** What the call returned; a negative errno where a rule let it go on. */
  readonly result: number;
  readonly bytes: Buffer;
}

export interface Outcome {
  readonly answers: readonly Answer[];
  /** A `pause` was reached: the next `run` continues in that process. */
  readonly paused: boolean;
}

export interface ExecutorOptions {
  readonly shim: HostPath;
  /** What stdin, stdout and stderr become; the default is /dev/null. */
  readonly stdio?: readonly ["inherit" | "ignore", "inherit" | "ignore", "inherit" | "ignore"];
  /** Fds 3 … 2+n of this process that the container's command shall have too. */
  readonly preserve?: number;
  /** Leads a session of its own, and this process does not wait for it. */
  readonly detached?: boolean;
  readonly cwd?: string;
}

export class Executor {
  readonly frames: FrameStream;
  /** Slots that no fd of the executor's own uses. */
  readonly slots: SlotAllocator;
  /** Its process, where this one started it. */
  readonly process: Child | undefined;
  #serial = 0;
  /** Segments that a later failure may still name: a paused program and its continuation. */
  readonly #live = new Map<number, Segment>();

  private constructor(frames: FrameStream, control: number, process?: Child) {
    this.frames = frames;
    this.slots = new SlotAllocator(control + 1);
    this.process = process;
  }

  /** Starts an executor of its own. */
  static start(options: ExecutorOptions): Executor {
    const preserve = options.preserve ?? 0;
    const control = 3 + preserve;
    const inherited: number[] = [];
    for (let fd = 3; fd < control; fd++) inherited.push(fd);
    const child = started({
      program: options.shim,
      args: [String(control)],
      name: "brig-shim",
      stdio: [...(options.stdio ?? (["ignore", "ignore", "ignore"] as const)), ...inherited],
      directory: options.cwd ?? "/",
      detached: options.detached ?? false,
    });
    return new Executor(new FrameStream(child.connection), control, child);
  }

  /** Speaks to an executor that a shim forks for this connection; its slots begin above the shim's own. */
  static over(frames: FrameStream, firstSlot: number): Executor {
    return new Executor(frames, firstSlot - 1);
  }

  /** Lays a program out while there is time: `run`, or `store`, takes it as it takes the program itself. */
  layOut(program: readonly Instruction[], { stored = false }: { readonly stored?: boolean } = {}): Segment {
    const serial = ++this.#serial;
    const segment = encode(program, { serial, stored });
    this.#live.set(serial, segment);
    return segment;
  }

  /** Runs a program; `data` are the bytes of its `data` instructions, in order. */
  async run(
    program: readonly Instruction[] | Segment,
    data?: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): Promise<Outcome> {
    const segment = "bytes" in program ? program : this.layOut(program);
    const sending = this.#send(segment, data);
    const [outcome] = await Promise.all([this.#outcome(), sending]);
    return outcome;
  }

  /** Gives the executor the program to run when what it supervises has ended. */
  async store(program: readonly Instruction[] | Segment): Promise<void> {
    const segment = "bytes" in program ? program : this.layOut(program, { stored: true });
    await this.#write(segment.bytes);
  }

  close(): void {
    this.frames.close();
  }

  async #send(segment: Segment, data?: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
    await this.#write(segment.bytes);
    if (data) for await (const chunk of data) await this.#write(chunk);
  }

  async #write(bytes: Uint8Array): Promise<void> {
    await this.frames.write(bytes).catch((cause: unknown) => {
      throw executorEnded(cause);
    });
  }

  async #outcome(): Promise<Outcome> {
    const answers: Answer[] = [];
    for (;;) {
      const frame = await this.frames.next();
      if (!frame) throw executorEnded();
      const { type, payload } = frame;
      if (type === frameType.answer) answers.push(this.#answer(payload));
      else if (type === frameType.failed) throw this.#failure(payload);
      else if (type === frameType.done || type === frameType.paused) {
        const paused = type === frameType.paused;
        if (!paused) this.#forget(payload.readUInt32LE(0));
        return { answers, paused };
      } else throw new BrigError("internal", `cannot understand the executor: frame type ${type}`);
    }
  }

  /** What has ended and what came before it; what was laid out since is still to be run. */
  #forget(ended: number): void {
    for (const serial of this.#live.keys()) if (serial <= ended) this.#live.delete(serial);
  }

  #answer(payload: Buffer): Answer {
    return {
      instruction: this.#instruction(payload.readUInt32LE(0), payload.readUInt32LE(4)),
      result: Number(payload.readBigInt64LE(8)),
      bytes: payload.subarray(16),
    };
  }

  #failure(payload: Buffer): BrigError {
    const [serial, index] = [payload.readUInt32LE(0), payload.readUInt32LE(4)];
    const [error, status] = [payload.readInt32LE(8), payload.readUInt32LE(12)];
    const output = payload.subarray(16).toString();
    if (!this.#live.has(serial)) return new BrigError("internal", `cannot run the executor: ${output}`);
    return new KernelFailure({ instruction: this.#instruction(serial, index), error, index, status, output });
  }

  #instruction(serial: number, index: number): Exclude<Instruction, { kind: "place" }> {
    const found = this.#live.get(serial)?.instructions[index];
    if (!found || found.kind === "place")
      throw new BrigError(
        "internal",
        `cannot understand the executor: no step ${index} in segment ${serial}`,
      );
    return found;
  }
}

function started(options: ChildOptions): Child {
  try {
    return channel.start(options);
  } catch (cause) {
    throw new BrigError("unavailable", `cannot start ${options.program}: is brig installed completely?`, {
      cause,
    });
  }
}

/** It was killed, or has crashed: nobody knows how far it came. */
export function executorEnded(cause?: unknown): BrigError {
  return new BrigError("unavailable", "cannot go on: the executor ended unexpectedly", {
    code: "executor-ended",
    cause,
  });
}
