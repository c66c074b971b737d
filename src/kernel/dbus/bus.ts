/**
 * A connection to a message bus, or to one peer that speaks D-Bus, over a unix socket. Authentication is EXTERNAL: the
 * kernel tells the peer who we are. Calls are answered in any order; what is no answer goes to one listener.
 */

import { BrigError } from "../../base/errors.ts";
import { channel } from "../channel/channel.ts";
import type { Connection } from "../channel/connection.ts";
import {
  decodeMessage,
  encodeMessage,
  headLength,
  type Message,
  messageLength,
  messageType,
} from "./message.ts";
import type { Value } from "./type.ts";

export interface Call {
  readonly destination?: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly signature?: string;
  readonly body?: readonly Value[];
}

/** An error that the peer answers has its name as `code`: "org.freedesktop.systemd1.NoSuchUnit". */
export class Bus implements Disposable {
  /** Called for each signal, and for each call of somebody else's. */
  onMessage: (message: Message) => void = () => {};
  readonly #connection: Connection;
  #received: Buffer = Buffer.alloc(0);
  #serial = 0;
  /** Lines of the authentication, before there are messages. */
  #line: PromiseWithResolvers<string> | undefined = Promise.withResolvers();
  readonly #waiting = new Map<number, PromiseWithResolvers<readonly Value[]>>();
  #ended: BrigError | undefined;

  private constructor(connection: Connection) {
    this.#connection = connection;
    connection.listen({
      data: (bytes) => this.#data(bytes),
      end: (cause) => this.#end(lost("it closed the connection", cause)),
    });
  }

  /** Rejects when nobody listens there, or does not want us. */
  static async open(socket: string, uid: number): Promise<Bus> {
    const bus = new Bus(await channel.connect(socket));
    try {
      await bus.#authenticate(uid);
      return bus;
    } catch (error) {
      bus[Symbol.dispose]();
      throw error;
    }
  }

  /** Resolves with the body of the answer. */
  async call(call: Call, milliseconds = patience): Promise<readonly Value[]> {
    if (this.#ended) throw this.#ended;
    const serial = ++this.#serial;
    const answer = Promise.withResolvers<readonly Value[]>();
    this.#waiting.set(serial, answer);
    this.#connection.write(encodeMessage({ type: messageType.call, serial, ...call }));
    return within(milliseconds, answer.promise, `${call.member} is not answered`);
  }

  [Symbol.dispose](): void {
    this.#end(lost("we closed the connection"));
    this.#connection.destroy();
  }

  /** "Authentication Protocol": the user's number, in hexadecimal digits of its decimal ones. */
  async #authenticate(uid: number): Promise<void> {
    const identity = Buffer.from(String(uid)).toString("hex");
    this.#connection.write(Buffer.from(`\0AUTH EXTERNAL ${identity}\r\n`));
    const answer = await within(patience, this.#line!.promise, "it does not answer");
    if (!answer.startsWith("OK ")) throw lost(`it refuses us: ${answer}`);
    this.#line = undefined;
    this.#connection.write(Buffer.from("BEGIN\r\n"));
  }

  #data(bytes: Buffer): void {
    this.#received = Buffer.concat([this.#received, bytes]);
    try {
      if (this.#line) this.#takeLine(this.#line);
      else while (this.#takeMessage());
    } catch (error) {
      this.#end(error as BrigError);
      this.#connection.destroy();
    }
  }

  /** Nothing follows the line until we say BEGIN. */
  #takeLine(line: PromiseWithResolvers<string>): void {
    const end = this.#received.indexOf("\r\n");
    if (end < 0) {
      if (this.#received.length > lineMax) throw lost("it does not speak D-Bus");
      return;
    }
    const text = this.#received.toString("utf8", 0, end);
    this.#received = this.#received.subarray(end + 2);
    line.resolve(text);
  }

  #takeMessage(): boolean {
    if (this.#received.length < headLength) return false;
    const length = messageLength(this.#received);
    if (this.#received.length < length) return false;
    const message = decodeMessage(this.#received.subarray(0, length));
    this.#received = this.#received.subarray(length);
    if (message.type === messageType.answer || message.type === messageType.error) this.#answer(message);
    else this.onMessage(message);
    return true;
  }

  #answer({ type, replySerial = 0, errorName, body = [] }: Message): void {
    const answer = this.#waiting.get(replySerial);
    if (!answer) return;
    this.#waiting.delete(replySerial);
    if (type === messageType.answer) answer.resolve(body);
    else answer.reject(refusal(errorName ?? "", body));
  }

  #end(error: BrigError): void {
    this.#ended ??= error;
    this.#line?.reject(error);
    // Whoever does not wait for the line any more has no use for its end.
    this.#line?.promise.catch(() => {});
    for (const answer of this.#waiting.values()) answer.reject(error);
    this.#waiting.clear();
  }
}

/** Milliseconds that a call may take; those of sd-bus. */
const patience = 25_000;

/** "OK", a GUID, and what a server may say besides. */
const lineMax = 4096;

/** `why` completes "cannot speak D-Bus: ". */
export async function within<T>(milliseconds: number, promise: Promise<T>, why: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(lost(`${why} after ${milliseconds / 1000} s`)), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function lost(why: string, cause?: unknown): BrigError {
  return new BrigError("unavailable", `cannot speak D-Bus: ${why}`, { code: "no-bus", cause });
}

/** The text is the peer's. */
function refusal(name: string, [text]: readonly Value[]): BrigError {
  return new BrigError("unavailable", typeof text === "string" ? text : name, { code: name });
}
