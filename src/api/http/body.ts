/** What a request carries. */

import { BrigError } from "../../base/errors.ts";
import type { Exchange } from "./listen.ts";

/** The largest JSON document that is read: a seccomp profile and a long environment fit many times. */
const jsonLimit = 4 * 1024 * 1024;

/** The body as it comes, without a limit: what reads it has one. */
export function bodyOf(exchange: Exchange): AsyncIterable<Uint8Array> {
  return exchange.upgrade && process.versions.bun !== undefined
    ? pieceOf(exchange, exchange.upgrade)
    : exchange.request;
}

/** The JSON document that the body is; undefined where there is none. Throws in Docker's words. */
export async function jsonOf(exchange: Exchange): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bodyOf(exchange)) {
    size += chunk.length;
    if (size > jsonLimit)
      throw new BrigError("invalid", "http: request body too large", { code: "too-large" });
    chunks.push(chunk);
  }
  if (size === 0) return undefined;
  const type = exchange.request.headers["content-type"];
  if (type === undefined || !/^application\/json\s*(?:;|$)/i.test(type))
    throw new BrigError(
      "invalid",
      `unsupported Content-Type header (${type ?? ""}): must be 'application/json'`,
    );
  const text = Buffer.concat(chunks).toString("utf8");
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BrigError("invalid", `invalid JSON: ${plain(cause)}`, { cause });
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
