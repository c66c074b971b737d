/** What a request carries. */

import { BrigError } from "../../base/errors.ts";
import type { Exchange } from "./door.ts";

/** The largest JSON document that is read: a seccomp profile and a long environment fit many times. */
const jsonLimit = 4 * 1024 * 1024;

/** Milliseconds in which a document has to come. */
const documentTimeout = 60_000;

/** The body as it comes, without a limit: what reads it has one. */
export function bodyOf(exchange: Exchange): AsyncIterable<Uint8Array> {
  return exchange.upgrade && process.versions.bun !== undefined
    ? pieceOf(exchange, exchange.upgrade)
    : exchange.request;
}

/** The JSON document that the body is; undefined where there is none. Throws in Docker's words. */
export async function jsonOf(exchange: Exchange): Promise<unknown> {
  const bytes = exchange.body ?? (await wholeBody(exchange, jsonLimit));
  if (bytes.length === 0) return undefined;
  if (!isJson(exchange))
    throw new BrigError(
      "invalid",
      `unsupported Content-Type header (${exchange.request.headers["content-type"] ?? ""}): must be 'application/json'`,
    );
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch (cause) {
    throw new BrigError("invalid", `invalid JSON: ${plain(cause)}`, { cause });
  }
}

export function isJson({ request }: Exchange): boolean {
  return /^application\/json\s*(?:;|$)/i.test(request.headers["content-type"] ?? "");
}

/** All that was sent, whatever the headers say of it: `limit` bytes at most, and not slower than a client can be. */
export async function wholeBody(exchange: Exchange, limit: number): Promise<Buffer> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () =>
      late.reject(new BrigError("aborted", "the request's body did not come in time", { code: "too-slow" })),
    documentTimeout,
  );
  const pieces = bodyOf(exchange)[Symbol.asyncIterator]();
  const chunks: Uint8Array[] = [];
  try {
    for (let size = 0; ; ) {
      const { value, done } = await Promise.race([pieces.next(), late.promise]);
      if (done) return Buffer.concat(chunks);
      size += value.length;
      if (size > limit) throw new BrigError("invalid", "http: request body too large", { code: "too-large" });
      chunks.push(value);
    }
  } finally {
    clearTimeout(timer);
  }
}

function plain(cause: unknown): string {
  return String((cause as Error).message ?? cause).replace(/[\x00-\x1f\x7f]+/g, " ");
}

/** Bun leaves the body of a request for another protocol in front of what that protocol says. */
async function* pieceOf(
  { request }: Exchange,
  { socket, head }: NonNullable<Exchange["upgrade"]>,
): AsyncGenerator<Uint8Array> {
  let left = Number(request.headers["content-length"] ?? 0);
  let chunk: Buffer | undefined = head;
  while (left > 0) {
    if (chunk && chunk.length > 0) {
      const part = chunk.subarray(0, left);
      left -= part.length;
      if (part.length < chunk.length) socket.unshift(chunk.subarray(part.length));
      yield part;
    }
    if (left === 0) return;
    await new Promise<void>((resolve, reject) => {
      socket.once("readable", resolve);
      socket.once("close", () => reject(new BrigError("aborted", "the client has gone")));
    });
    chunk = (socket.read() as Buffer | null) ?? undefined;
  }
}
