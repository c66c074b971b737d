/**
 * One connection to a shim, or to the supervisor of a command executed in a container: its launcher's (the owner,
 * who is waited for in the end) or anybody else's. `native/wire.h` draws the protocol.
 */

import { BrigError } from "../../base/errors.ts";
import { errnoName, errnoText } from "../errno.ts";
import { type Frame, FrameStream } from "../executor/frames.ts";
import { u32 } from "../program/argument.ts";
import { dial } from "./dial.ts";
import { InputWindow } from "./input-window.ts";
import { OutputQueue } from "./output-queue.ts";
import {
  demandVersion,
  type Exit,
  parseExit,
  parseLogPosition,
  parseState,
  type ShimState,
  type Streams,
  shimFrame,
  streamFlags,
} from "./wire.ts";

export class ShimClient {
  readonly #frames: FrameStream;
  readonly #output = new OutputQueue();
  readonly #input: InputWindow;
  readonly #exit = Promise.withResolvers<Exit>();
  readonly #answers: PromiseWithResolvers<Frame>[] = [];
  #gone: BrigError | undefined;

  private constructor(frames: FrameStream) {
    this.#frames = frames;
    this.#input = new InputWindow((bytes) => this.#send(shimFrame.stdin, bytes));
    this.#exit.promise.catch(() => {});
  }

  /** The owner's, over the connection of the executor whose program has just ended in `supervise`. */
  static async launched(frames: FrameStream): Promise<{ client: ShimClient; state: ShimState }> {
    const client = new ShimClient(frames);
    const first = client.#answer();
    client.#pump();
    const state = parseState((await first).payload);
    demandVersion(state);
    return { client, state };
  }

  /** Rejects with `no-shim` when nobody listens there (any more), with `shim-version` when it cannot be spoken to. */
  static async connect(path: string): Promise<ShimClient> {
    const client = new ShimClient(new FrameStream(await dial(path)));
    client.#pump();
    try {
      demandVersion(await client.status());
      return client;
    } catch (error) {
      client.close();
      throw error;
    }
  }

  /** What it is attached to; ends when the process has, or this client was too slow. To be read once. */
  get output(): OutputQueue {
    return this.#output;
  }

  /** The state at the moment of attachment: `log` is where the live output continues the log. */
  async attach(streams: Streams): Promise<ShimState> {
    return parseState((await this.#ask(shimFrame.attach, u32(streamFlags(streams)))).payload);
  }

  async status(): Promise<ShimState> {
    return parseState((await this.#ask(shimFrame.status)).payload);
  }

  /** To stdin; resolves when the process has room for more. What nobody reads any more is thrown away. */
  write(bytes: Uint8Array): Promise<void> {
    return this.#input.write(bytes);
  }

  /** The end of this client's stdin, after what was written. */
  async closeStdin(): Promise<void> {
    await this.#input.idle();
    await this.#send(shimFrame.closeStdin);
  }

  async resize(rows: number, columns: number): Promise<void> {
    const size = Buffer.alloc(8);
    size.writeUInt16LE(rows, 0);
    size.writeUInt16LE(columns, 2);
    demand("resize the terminal", await this.#ask(shimFrame.resize, size));
  }

  async signal(number: number): Promise<void> {
    demand(`send signal ${number}`, await this.#ask(shimFrame.signal, u32(number)));
  }

  /** Rejects with `no-shim` when the connection ended first; the exit file may say more. */
  wait(): Promise<Exit> {
    return this.#exit.promise;
  }

  /** The owner leaves the container to itself, and its settling to the command given at launch. */
  async detach(): Promise<void> {
    await this.#send(shimFrame.detach);
    this.#finish();
  }

  /** The owner, after `wait`, has left nothing to settle: the shim just goes. */
  async settled(): Promise<void> {
    await this.#send(shimFrame.settled);
    this.#finish();
  }

  close(): void {
    this.#frames.close();
  }

  /** Closes when everything has been written; what still comes is of no interest. */
  #finish(): void {
    this.#output.end();
    this.#frames.connection.end();
  }

  async #pump(): Promise<void> {
    let reason: unknown;
    try {
      for (let frame = await this.#frames.next(); frame; frame = await this.#frames.next())
        await this.#receive(frame);
    } catch (error) {
      reason = error;
      this.close();
    }
    this.#gone = noShim(reason);
    this.#exit.reject(this.#gone);
    for (const answer of this.#answers.splice(0)) answer.reject(this.#gone);
    this.#input.end();
    this.#output.end(this.#gone);
  }

  async #receive(frame: Frame): Promise<void> {
    switch (frame.type) {
      case shimFrame.stdout:
        return this.#output.push({ kind: "bytes", stream: "stdout", bytes: frame.payload });
      case shimFrame.stderr:
        return this.#output.push({ kind: "bytes", stream: "stderr", bytes: frame.payload });
      case shimFrame.lagged:
        await this.#output.push({ kind: "lagged", from: parseLogPosition(frame.payload) });
        return this.#output.end();
      case shimFrame.taken:
        return this.#input.taken(frame.payload.readUInt32LE(0));
      case shimFrame.exited:
        this.#exit.resolve(parseExit(frame.payload));
        return this.#output.end();
      case shimFrame.state:
      case shimFrame.reply:
        return this.#answers.shift()?.resolve(frame);
      default:
        throw new BrigError("internal", `cannot understand the shim: frame type ${frame.type}`);
    }
  }

  async #send(type: number, ...parts: readonly Uint8Array[]): Promise<void> {
    try {
      await this.#frames.send(type, ...parts);
    } catch (cause) {
      throw this.#gone ?? noShim(cause);
    }
  }

  /** Answers come in the order of the questions. */
  #answer(): Promise<Frame> {
    if (this.#gone) return Promise.reject(this.#gone);
    const answer = Promise.withResolvers<Frame>();
    this.#answers.push(answer);
    return answer.promise;
  }

  async #ask(type: number, ...parts: readonly Uint8Array[]): Promise<Frame> {
    const answer = this.#answer();
    await Promise.all([answer, this.#send(type, ...parts)]);
    return answer;
  }
}

function noShim(cause: unknown): BrigError {
  return new BrigError("unavailable", "cannot reach the container's shim: it has gone", {
    code: "no-shim",
    cause,
  });
}

/** A REPLY's errno, as an error that says what could not be done. */
function demand(what: string, reply: Frame): void {
  const errno = reply.payload.readInt32LE(0);
  if (errno === 0) return;
  throw new BrigError("conflict", `cannot ${what}: ${errnoText(errno)}`, { code: errnoName(errno) });
}
