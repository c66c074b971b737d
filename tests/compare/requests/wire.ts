/** One request as bytes on a connection of its own, and the answer as it came: no library in between. */

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { filled, type Step, targetOf } from "./step.ts";

export interface RawAnswer {
  /** "HTTP/1.1 200 OK" */
  readonly first: string;
  /** Names in lower case, in the order in which they came. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** How the end of the body is told. */
  readonly framing: "length" | "chunks" | "end of the connection" | "no body";
  readonly body: Buffer;
  /** The service, not we, has ended the answer. */
  readonly ended: boolean;
}

/** The head has come, and what follows. */
export interface Asked {
  readonly head: Promise<void>;
  readonly answer: Promise<RawAnswer>;
}

/** An answer that takes longer is one that never ends. */
const patience = 10_000;

export function ask(socketPath: string, step: Step, kept: ReadonlyMap<string, string>): Asked {
  const headed = Promise.withResolvers<void>();
  const come = () => headed.resolve();
  const answer = converse(socketPath, step, kept, come);
  answer.then(come, come);
  return { head: headed.promise, answer };
}

async function converse(
  socketPath: string,
  step: Step,
  kept: ReadonlyMap<string, string>,
  headed: () => void,
): Promise<RawAnswer> {
  const { method, url } = targetOf(step);
  const socket = connect({ path: socketPath, allowHalfOpen: true });
  await once(socket, "connect");
  const gone = new Promise<void>((resolve) => socket.on("close", () => resolve()));
  const timer = setTimeout(() => socket.destroy(), patience);
  try {
    const reader = new Reader(socket);
    socket.on("error", () => {});
    for (const bytes of requestBytes(method, filled(url, kept), step, kept)) socket.write(bytes);
    const { first, headers } = await headOf(reader);
    headed();
    if (step.says) socket.write(filled(step.says, kept));
    if (step.says !== undefined && !step.stays) socket.end();
    const has = (name: string) => headers.find(([known]) => known === name)?.[1];
    const status = Number(first.split(" ")[1]);
    const bodiless = method === "HEAD" || status === 204 || status === 304;
    const length = has("content-length");
    const framing = bodiless
      ? "no body"
      : has("transfer-encoding") === "chunked"
        ? "chunks"
        : length !== undefined
          ? "length"
          : "end of the connection";
    const enough = enoughOf(step.take);
    const { body, ended } = await bodyOf(reader, framing, Number(length ?? 0), enough);
    return { first, headers, framing, body, ended };
  } finally {
    clearTimeout(timer);
    socket.destroy();
    await gone;
  }
}

function* requestBytes(
  method: string,
  url: string,
  { json, body, headers = {}, chunked, upgrade }: Step,
  kept: ReadonlyMap<string, string>,
): Generator<string | Uint8Array> {
  const said = json === undefined ? body : JSON.stringify(json);
  const text = typeof said === "string" ? filled(said, kept) : said;
  const bytes = text === undefined ? undefined : Buffer.from(text);
  const all = {
    Host: "docker",
    ...(upgrade ? { Connection: "Upgrade", Upgrade: "tcp" } : {}),
    ...(bytes === undefined ? {} : { "Content-Type": "application/json" }),
    ...(chunked !== undefined
      ? { "Transfer-Encoding": "chunked" }
      : bytes !== undefined || method === "POST" || method === "PUT"
        ? { "Content-Length": String(bytes?.length ?? 0) }
        : {}),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  yield `${method} ${url} HTTP/1.1\r\n${lines.join("")}\r\n`;
  if (bytes === undefined) return;
  if (chunked === undefined) return yield bytes;
  for (let at = 0; at < bytes.length; at += chunked) {
    const piece = bytes.subarray(at, at + chunked);
    yield `${piece.length.toString(16)}\r\n`;
    yield piece;
    yield "\r\n";
  }
  yield "0\r\n\r\n";
}

async function headOf(reader: Reader) {
  const [first = "", ...lines] = (await reader.until("\r\n\r\n")).toString("latin1").split("\r\n");
  const headers = lines.filter(Boolean).map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
  return { first, headers };
}

async function bodyOf(
  reader: Reader,
  framing: RawAnswer["framing"],
  length: number,
  enough: ((body: Buffer) => boolean) | undefined,
): Promise<{ readonly body: Buffer; readonly ended: boolean }> {
  const pieces: Buffer[] = [];
  const all = () => Buffer.concat(pieces);
  switch (framing) {
    case "no body":
      return { body: all(), ended: true };
    case "length":
      pieces.push(await reader.exactly(length));
      return { body: all(), ended: all().length === length };
    case "chunks":
      for (;;) {
        const size = Number.parseInt((await reader.until("\r\n")).toString(), 16);
        if (!(size > 0)) return { body: all(), ended: size === 0 };
        pieces.push(await reader.exactly(size));
        await reader.exactly(2);
        if (enough?.(all())) return { body: all(), ended: false };
      }
    case "end of the connection":
      for (;;) {
        const piece = await reader.some();
        if (!piece) return { body: all(), ended: reader.ended };
        pieces.push(piece);
        if (enough?.(all())) return { body: all(), ended: false };
      }
  }
}

function enoughOf(take: number | undefined): ((body: Buffer) => boolean) | undefined {
  if (take === undefined) return undefined;
  return (body) => (framesIn(body)?.length ?? body.toString().split("\n").length - 1) >= take;
}

export interface Frame {
  readonly stream: number;
  readonly bytes: Buffer;
}

/** The frames of a multiplexed stream; undefined for bytes that are none. */
export function framesIn(bytes: Buffer): readonly Frame[] | undefined {
  const frames: Frame[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (at + 8 > bytes.length) return undefined;
    const [stream, size] = [bytes[at]!, bytes.readUInt32BE(at + 4)];
    if (stream > 2 || bytes[at + 1] !== 0 || bytes[at + 2] !== 0 || bytes[at + 3] !== 0) return undefined;
    if (at + 8 + size > bytes.length) return undefined;
    frames.push({ stream, bytes: bytes.subarray(at + 8, at + 8 + size) });
    at += 8 + size;
  }
  return frames.length > 0 ? frames : undefined;
}

/** Bytes of a socket in the order in which they came; what the end cuts short is given as it is. */
class Reader {
  #held: Buffer = Buffer.alloc(0);
  readonly #pieces: AsyncIterator<Buffer>;
  /** The other side has said that it has said everything. */
  ended = false;

  constructor(socket: Socket) {
    this.#pieces = socket.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>;
  }

  async until(mark: string): Promise<Buffer> {
    for (;;) {
      const at = this.#held.indexOf(mark);
      if (at >= 0) {
        const found = this.#take(at);
        this.#take(mark.length);
        return found;
      }
      if (!(await this.#more())) return this.#take(this.#held.length);
    }
  }

  async exactly(size: number): Promise<Buffer> {
    while (this.#held.length < size && (await this.#more()));
    return this.#take(Math.min(size, this.#held.length));
  }

  /** What is there, or comes next; undefined at the end. */
  async some(): Promise<Buffer | undefined> {
    if (this.#held.length === 0 && !(await this.#more())) return undefined;
    return this.#take(this.#held.length);
  }

  async #more(): Promise<boolean> {
    try {
      const { value, done } = await this.#pieces.next();
      if (done) this.ended = true;
      else this.#held = Buffer.concat([this.#held, value]);
      return !done;
    } catch {
      return false;
    }
  }

  #take(size: number): Buffer {
    const taken = this.#held.subarray(0, size);
    this.#held = this.#held.subarray(size);
    return taken;
  }
}
