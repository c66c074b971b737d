/** One request and its answer on a connection (RFC 9112), which may then be something else than HTTP. */

import type { Duplex } from "node:stream";
import { bodyOf } from "./body.ts";
import { type AnswerHead, type Headers, readHead, requestHead } from "./head.ts";
import { type RequestBody, sendChunks, write } from "./send.ts";
import { ByteSource } from "./source.ts";

export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE" | "HEAD";
  readonly target: string;
  readonly headers?: Headers;
  readonly body?: RequestBody;
  /** The connection is to be a stream of bytes afterwards. */
  readonly hijack?: boolean;
}

export interface HttpAnswer extends AnswerHead {
  readonly pieces: AsyncGenerator<Uint8Array>;
  /** The body was sent and the answer read to the end: the connection can be asked again. */
  readonly reusable: () => boolean;
}

/** A connection, and what it has said already. */
export interface Wire {
  readonly stream: Duplex;
  readonly source: ByteSource;
}

export const wireOf = (stream: Duplex): Wire => ({ stream, source: new ByteSource(stream) });

export async function exchange({ stream, source }: Wire, request: HttpRequest): Promise<HttpAnswer> {
  const { method, target, body, hijack = false } = request;
  const sized = body === undefined || body instanceof Uint8Array;
  const headers = {
    Host: "docker",
    ...request.headers,
    ...(hijack ? { Connection: "Upgrade", Upgrade: "tcp" } : {}),
    ...(sized
      ? method === "GET" || method === "HEAD"
        ? {}
        : { "Content-Length": String(body?.length ?? 0) }
      : { "Transfer-Encoding": "chunked" }),
  };
  const answered = new AbortController();
  let failure: unknown;
  let sent = false;
  const send = async () => {
    const head = requestHead(method, target, headers);
    await write(stream, body instanceof Uint8Array ? Buffer.concat([Buffer.from(head), body]) : head);
    if (!sized) await sendChunks(stream, body as AsyncIterable<Uint8Array>, answered.signal);
    sent = true;
  };
  const sending = send().catch((error: unknown) => {
    failure = error;
    // What was to be sent could not be read, so that no answer is going to come.
    if (!answered.signal.aborted) stream.destroy();
  });
  try {
    const head = await readHead(source);
    // An error may come before all was sent, and then nobody reads on. Else what is still to be sent is sent.
    if (head.status >= 400) answered.abort();
    const { pieces, delimited } = bodyOf(source, method, head);
    let complete = false;
    const whole = async function* () {
      yield* pieces;
      if (head.status < 400) await sending;
      complete = true;
    };
    const close = /\bclose\b/i.test(head.headers.connection ?? "");
    return {
      ...head,
      pieces: whole(),
      reusable: () => complete && sent && delimited && !close && source.isQuiet,
    };
  } catch (error) {
    stream.destroy();
    await sending;
    throw failure ?? error;
  }
}
