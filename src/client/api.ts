/**
 * Docker's Engine API from the asking side: the version that both speak, connections that are used again, answers that
 * are errors as errors of ours.
 */

import type { Duplex } from "node:stream";
import { BrigError, messageOf } from "../base/errors.ts";
import { formatJson, parseJson } from "../spec/schema/json.ts";
import type { Schema } from "../spec/schema/schema.ts";
import { formatAddress } from "./address.ts";
import { type DialOptions, dial } from "./dial/dial.ts";
import { failureOf } from "./failure.ts";
import { exchange, type HttpAnswer, type HttpRequest, type Wire, wireOf } from "./http/exchange.ts";
import type { Headers } from "./http/head.ts";
import type { RequestBody } from "./http/send.ts";
import type { ByteSource } from "./http/source.ts";

export interface ApiOptions extends DialOptions {
  /** "1.41": spoken whatever the other side can; absent: the newest of both. */
  readonly version?: string | undefined;
  readonly userAgent?: string;
}

type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

export interface Ask {
  readonly method: HttpRequest["method"];
  /** Without its version; names in it are encoded already (`part`). */
  readonly path: string;
  readonly query?: Query;
  /** A document. */
  readonly json?: unknown;
  /** Or bytes: an archive. */
  readonly bytes?: RequestBody;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly pieces: AsyncGenerator<Uint8Array>;
}

/** A connection that has left HTTP. */
export interface Hijacked {
  readonly stream: Duplex;
  readonly source: ByteSource;
  readonly headers: Headers;
}

/** The newest that is spoken here. */
const newest = 51;

/** Connections that are kept for the next question. */
const idleLimit = 4;

/** Characters of a document: more than the largest list of containers. */
const documentLimit = 256 * 1024 * 1024;

export class Api implements Disposable {
  readonly #options: ApiOptions;
  readonly #idle: Wire[] = [];
  readonly #open = new Set<Duplex>();
  #version: Promise<string> | undefined;
  #closed = false;

  constructor(options: ApiOptions) {
    this.#options = options;
  }

  /** The minor number of the version that is spoken: 41. */
  async minor(): Promise<number> {
    return Number((await this.#spoken()).split(".")[1] ?? 0);
  }

  /** Resolves with the head; the pieces are to be read to the end. Rejects for an answer that is an error. */
  async ask(request: Ask): Promise<Answer> {
    return this.#checked(request, await this.#exchange(request));
  }

  /** The answer as the document it is; undefined where it has none. */
  async document(request: Ask): Promise<unknown> {
    const { pieces } = await this.ask(request);
    const text = await textOf(pieces, documentLimit);
    if (text.trim() === "") return undefined;
    return parseJson((value) => value, text, `the answer of ${this.name}`, documentLimit);
  }

  async read<T>(schema: Schema<T>, request: Ask): Promise<T> {
    return schema(await this.document(request), `the answer of ${this.name}:`);
  }

  /** An answer whose body is of no interest. */
  async done(request: Ask): Promise<Answer> {
    const answer = await this.ask(request);
    for await (const _ of answer.pieces) {
      // Read, so that the connection can be asked again.
    }
    return answer;
  }

  async hijack(request: Ask): Promise<Hijacked> {
    const wire = await this.#dial(request.signal);
    try {
      const answer = await this.#exchangeOn(wire, { ...request, hijack: true });
      await this.#checked(request, answer);
      return { ...wire, headers: answer.headers };
    } catch (error) {
      wire.stream.destroy();
      throw error;
    }
  }

  /** As messages call it. */
  get name(): string {
    return formatAddress(this.#options.address);
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    for (const stream of this.#open) stream.destroy();
  }

  #spoken(): Promise<string> {
    this.#version ??= this.#negotiate();
    this.#version.catch(() => {
      this.#version = undefined;
    });
    return this.#version;
  }

  async #negotiate(): Promise<string> {
    if (this.#options.version) return this.#options.version;
    const answer = await this.#answered({ method: "GET", path: "/_ping" }, "/_ping");
    const { headers } = await this.#checked({ method: "GET", path: "/_ping" }, answer);
    for await (const _ of answer.pieces) {
      // "OK".
    }
    const minor = Number(/^1\.(\d{1,4})$/.exec(headers["api-version"] ?? "")?.[1] ?? newest);
    return `1.${Math.min(minor, newest)}`;
  }

  async #exchange(request: Ask): Promise<HttpAnswer> {
    return this.#answered(request, await this.#target(request));
  }

  async #target({ path, query = {} }: Ask): Promise<string> {
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries(query))
      for (const each of Array.isArray(value) ? value : [value])
        if (each !== undefined) parameters.append(name, String(each));
    const text = parameters.toString();
    return `/v${await this.#spoken()}${path}${text === "" ? "" : `?${text}`}`;
  }

  /** On a connection that was kept, else on a new one; a kept one may have been closed meanwhile by the other side. */
  async #answered(request: Ask, target: string): Promise<HttpAnswer> {
    const repeatable = request.bytes === undefined || request.bytes instanceof Uint8Array;
    for (let kept = repeatable ? this.#idle.pop() : undefined; kept; kept = this.#idle.pop()) {
      if (kept.stream.destroyed || !kept.source.isQuiet) continue;
      try {
        return await this.#exchangeOn(kept, request, target);
      } catch (error) {
        if (request.signal?.aborted) throw error;
      }
    }
    return this.#exchangeOn(await this.#dial(request.signal), request, target);
  }

  async #exchangeOn(
    wire: Wire,
    request: Ask & { readonly hijack?: boolean },
    known?: string,
  ): Promise<HttpAnswer> {
    const { method, json, bytes, signal, hijack = false } = request;
    const { address, userAgent = "brig" } = this.#options;
    const target = known ?? (await this.#target(request));
    const { stream } = wire;
    const abort = () => void stream.destroy();
    signal?.addEventListener("abort", abort, { once: true });
    ref(stream);
    try {
      const body = json === undefined ? bytes : Buffer.from(formatJson(json));
      const answer = await exchange(wire, {
        method,
        target: address.kind === "tcp" ? `${address.base}${target}` : target,
        headers: {
          "User-Agent": userAgent,
          ...(body === undefined
            ? {}
            : { "Content-Type": json === undefined ? "application/x-tar" : "application/json" }),
        },
        ...(body === undefined ? {} : { body }),
        hijack,
      });
      return hijack ? answer : { ...answer, pieces: this.#kept(wire, answer, signal, abort) };
    } catch (error) {
      signal?.throwIfAborted();
      throw error instanceof BrigError && error.code !== "unavailable"
        ? error
        : new BrigError("unavailable", `${this.name} has not answered: ${messageOf(error)}`, {
            cause: error,
          });
    }
  }

  /** The connection is kept when all was read, and closed when the reader has had enough. */
  async *#kept(
    wire: Wire,
    { pieces, reusable }: HttpAnswer,
    signal: AbortSignal | undefined,
    abort: () => void,
  ): AsyncGenerator<Uint8Array> {
    try {
      yield* pieces;
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener("abort", abort);
      if (reusable() && !this.#closed && this.#idle.length < idleLimit) {
        this.#idle.push(wire);
        unref(wire.stream);
      } else wire.stream.destroy();
    }
  }

  async #checked(request: Ask, answer: HttpAnswer): Promise<Answer> {
    const { status } = answer;
    if (status < 300 || status === 304) return answer;
    throw await failureOf(request, answer, this.name);
  }

  async #dial(signal: AbortSignal | undefined): Promise<Wire> {
    if (this.#closed) throw new BrigError("aborted", "the connection to the engine was closed");
    const stream = await dial(this.#options, signal);
    this.#open.add(stream);
    stream.on("close", () => this.#open.delete(stream));
    return wireOf(stream);
  }
}

/** The name of a container, a volume or a network as one part of a path; Docker's users may write `/name`. */
export function part(name: string): string {
  const plain = name.replace(/^\//, "");
  // The other side would clean it away, and find another route.
  if (/^\.{0,2}$/.test(plain)) throw new BrigError("invalid", `invalid name: ${JSON.stringify(name)}`);
  return encodeURIComponent(plain);
}

/** The name of an image, whose slashes are the path's. */
export function imagePath(name: string): string {
  return name.split("/").map(part).join("/");
}

/** The whole body as text. */
export async function textOf(pieces: AsyncIterable<Uint8Array>, limit: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of pieces) {
    size += chunk.length;
    if (size > limit) throw new BrigError("unavailable", "the answer is too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** A connection that nobody asks keeps no program from its end. */
function unref(stream: Duplex & { unref?: () => void }): void {
  stream.unref?.();
}

function ref(stream: Duplex & { ref?: () => void }): void {
  stream.ref?.();
}
