/**
 * Segments of plain calls, streamed to an executor without waiting for each to be done.
 *
 * Invariant: when a segment has failed none after it runs. Each begins by closing the *guard*, a slot that the one
 * before it fills as its last act; the executor, which knows nothing of this, fails the others at their first call.
 * From its first segment on the pipeline owns the executor's control socket.
 */

import { BrigError } from "../../base/errors.ts";
import { errnoNumber, errnoText } from "../errno.ts";
import { type CallList, callNumbers } from "../program/call-list.ts";
import { type Executor, executorEnded, frameType } from "./executor.ts";
import { errorKind } from "./failure.ts";

export interface CallAnswer {
  /** Of the call, as its list returned it. */
  readonly index: number;
  /** What the call returned; a negative errno where it was forgiven. */
  readonly result: number;
  readonly bytes: Buffer;
}

/** A call of a segment failed; whoever made the list knows what the call was for. */
export class CallFailure extends BrigError {
  readonly index: number;
  readonly errno: number;

  constructor(index: number, errno: number) {
    super(errorKind(errno), `cannot make call ${index} of a segment: ${errnoText(errno)}`);
    this.index = index;
    this.errno = errno;
  }
}

/** More than this on the way makes `room` wait: enough that the executor is never idle, and no more memory. */
const segmentsOnTheWay = 4;

/** Data of which a copy, to send it with what is around it, would cost more than a call of its own. */
const sentAsItIs = 64 << 10;

const F_DUPFD_CLOEXEC = 1030;
const numbers = callNumbers("close", "fcntl");

interface Pending {
  readonly serial: number;
  readonly buffer: Buffer;
  readonly answers: CallAnswer[];
  readonly resolve: (answers: readonly CallAnswer[]) => void;
  readonly reject: (error: unknown) => void;
}

export class Pipeline {
  readonly #executor: Executor;
  readonly #guard: number;
  readonly #pending: Pending[] = [];
  /** What the socket has not taken yet; the first is being written. */
  readonly #outgoing: Uint8Array[] = [];
  /** Of segments that are done, to be filled again: fresh memory costs more than the copy into it. */
  readonly #spare: Buffer[] = [];
  #serial = 0;
  #reading = false;
  #dead: unknown;
  #wake: (() => void)[] = [];

  constructor(executor: Executor) {
    this.#executor = executor;
    this.#guard = executor.slots.slot("guard").fd;
  }

  /** Begins a list: nothing may be added to it before. */
  begin(list: CallList): void {
    list.clear();
    list.call(numbers.close, 0, this.#guard);
    if (this.#serial === 0) list.forgive(errnoNumber("EBADF")); // There is none yet.
  }

  /**
   * Sends a list that `begin` began, which may be used again at once, and the bytes its `data` calls take, which must
   * stay as they are. Resolves with the answers when it is done; rejects with CallFailure when a call of it, or
   * anything before it, failed.
   */
  send(list: CallList, data: readonly Uint8Array[] = []): Promise<readonly CallAnswer[]> {
    if (this.#dead !== undefined) return Promise.reject(this.#dead);
    list.call(numbers.fcntl, 0, 0, F_DUPFD_CLOEXEC, this.#guard);
    list.into(this.#guard);
    const serial = ++this.#serial;
    const idle = this.#outgoing.length === 0;
    const buffer = this.#enqueue(list, serial, data);
    const done = new Promise<readonly CallAnswer[]>((resolve, reject) => {
      this.#pending.push({ serial, buffer, answers: [], resolve, reject });
    });
    if (idle) this.#write();
    if (!this.#reading) void this.#read();
    return done;
  }

  /** Resolves when another segment may be sent without piling up. */
  async room(): Promise<void> {
    while (this.#pending.length >= segmentsOnTheWay)
      await new Promise<void>((resolve) => {
        this.#wake.push(resolve);
      });
  }

  /** Ends the executor at once, whatever it is doing; resolves when it can do nothing any more. */
  async close(): Promise<void> {
    this.#die(new BrigError("aborted", "cannot go on: the session is closed"));
    await endExecutor(this.#executor);
  }

  /** The frame and the small pieces of data between large ones share a buffer, which is free when all is done. */
  #enqueue(list: CallList, serial: number, data: readonly Uint8Array[]): Buffer {
    const isSmall = ({ length }: Uint8Array) => length < sentAsItIs;
    let [from, to] = [0, list.frameLength];
    const buffer = this.#take(data.filter(isSmall).reduce((sum, { length }) => sum + length, to));
    list.write(buffer, serial);
    for (const bytes of data) {
      if (isSmall(bytes)) {
        buffer.set(bytes, to);
        to += bytes.length;
        continue;
      }
      if (to > from) this.#outgoing.push(buffer.subarray(from, to));
      this.#outgoing.push(bytes);
      from = to;
    }
    if (to > from) this.#outgoing.push(buffer.subarray(from, to));
    return buffer;
  }

  /** One at a time: of several that wait, a socket may make a copy first. An error of it ends the reading. */
  #write(): void {
    const { connection } = this.#executor.frames;
    while (this.#outgoing.length > 0) {
      const waiting = connection.write(this.#outgoing[0]!);
      if (waiting) {
        void waiting.then(() => {
          this.#outgoing.shift();
          this.#write();
        });
        return;
      }
      this.#outgoing.shift();
    }
  }

  #take(size: number): Buffer {
    const spare = this.#spare.pop();
    return spare !== undefined && spare.length >= size ? spare : Buffer.allocUnsafeSlow(size + (size >> 2));
  }

  async #read(): Promise<void> {
    this.#reading = true;
    try {
      for (let frame = await this.#next(); frame; frame = await this.#next())
        this.#accept(frame.type, frame.payload);
      this.#die(executorEnded());
    } catch (error) {
      this.#die(error);
    }
  }

  #next() {
    return this.#executor.frames.next();
  }

  #accept(type: number, payload: Buffer): void {
    const pending = this.#pending[0];
    if (pending === undefined || payload.readUInt32LE(0) !== pending.serial)
      throw new BrigError(
        "internal",
        `cannot understand the executor: ${payload.subarray(16).toString() || type}`,
      );
    switch (type) {
      case frameType.answer:
        pending.answers.push({
          index: payload.readUInt32LE(4),
          result: Number(payload.readBigInt64LE(8)),
          bytes: payload.subarray(16),
        });
        return;
      case frameType.done:
        this.#pending.shift();
        if (this.#spare.length < segmentsOnTheWay) this.#spare.push(pending.buffer);
        pending.resolve(pending.answers);
        break;
      case frameType.failed:
        this.#die(new CallFailure(payload.readUInt32LE(4), payload.readInt32LE(8)));
        break;
      default:
        throw new BrigError("internal", `cannot understand the executor: frame type ${type}`);
    }
    this.#wakeAll();
  }

  /** The first in the line has failed; those behind it have not run, and none will. */
  #die(reason: unknown): void {
    this.#dead ??= reason;
    for (const pending of this.#pending.splice(0)) pending.reject(reason);
    this.#outgoing.length = 0;
    this.#wakeAll();
  }

  #wakeAll(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}

/** Kills an executor of ours; resolves when its process is gone. */
export async function endExecutor(executor: Executor): Promise<void> {
  executor.close();
  const { process: child } = executor;
  if (!child || child.ended()) return;
  child.kill("SIGKILL");
  await child.awaitEnd();
}
