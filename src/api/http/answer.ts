/** What a route answers with, and how it goes to the client. */

import { once } from "node:events";
import type { OutgoingHttpHeaders, ServerResponse } from "node:http";
import { formatJson } from "../../spec/schema/json.ts";
import type { Exchange } from "./door.ts";
import { type Connection, hijack } from "./hijack.ts";
import { openWebSocket } from "./websocket.ts";

export type Answer =
  | { readonly kind: "json"; readonly status?: number; readonly value: unknown }
  | {
      readonly kind: "text";
      readonly status?: number;
      readonly text: string;
      readonly headers?: OutgoingHttpHeaders;
    }
  | { readonly kind: "empty"; readonly status: number; readonly headers?: OutgoingHttpHeaders }
  /** Each piece is sent when it is there. */
  | {
      readonly kind: "stream";
      readonly type: string;
      readonly pieces: AsyncIterable<Uint8Array | string>;
      /** It tells of what is still to come: the client is told at once that it is being told. */
      readonly follows?: boolean;
      readonly headers?: OutgoingHttpHeaders;
    }
  /** The connection is a stream of bytes from then on. */
  | {
      readonly kind: "hijack";
      readonly type: string;
      readonly talk: (connection: Connection) => Promise<void>;
    }
  /** The same in frames: of text where clients are so old. */
  | {
      readonly kind: "websocket";
      readonly text: boolean;
      readonly talk: (connection: Connection) => Promise<void>;
    };

export const json = (value: unknown, status = 200): Answer => ({ kind: "json", value, status });
export const empty = (status = 204): Answer => ({ kind: "empty", status });

/** Resolves when all of it has been sent, or the client has gone. */
export async function respond(exchange: Exchange, answer: Answer): Promise<void> {
  const { response } = exchange;
  switch (answer.kind) {
    case "json":
      return send(
        response,
        answer.status ?? 200,
        { "Content-Type": "application/json" },
        `${formatJson(answer.value)}\n`,
      );
    case "text":
      return send(
        response,
        answer.status ?? 200,
        { "Content-Type": "text/plain; charset=utf-8", ...answer.headers },
        answer.text,
      );
    case "empty":
      return send(response, answer.status, answer.headers ?? {});
    case "stream":
      return stream(response, answer);
    case "hijack":
      return answer.talk(hijack(exchange, answer.type));
    case "websocket":
      return answer.talk(openWebSocket(exchange, answer));
  }
}

async function send(
  response: ServerResponse,
  status: number,
  headers: OutgoingHttpHeaders,
  body?: string,
): Promise<void> {
  const bytes = body === undefined ? undefined : Buffer.from(body);
  const length =
    bytes === undefined
      ? status === 204 || status === 304
        ? {}
        : { "Content-Length": 0 }
      : { "Content-Length": bytes.length };
  response.writeHead(status, { ...headers, ...length });
  response.end(response.req.method === "HEAD" ? undefined : bytes);
  if (!response.writableFinished && !response.destroyed)
    await Promise.race([once(response, "finish"), once(response, "close")]).catch(() => {});
}

async function stream(
  response: ServerResponse,
  { type, pieces, follows = false, headers = {} }: Answer & { readonly kind: "stream" },
): Promise<void> {
  const iterator = pieces[Symbol.asyncIterator]();
  const head = () => {
    response.writeHead(200, { "Content-Type": type, ...headers });
    response.flushHeaders();
  };
  // Else the status waits for the first piece: what fails before it is an error like any other.
  if (follows) head();
  const first = await iterator.next();
  if (!follows) head();
  if (response.destroyed) return;
  // By hand, not by a pipeline: of a thousand followers each would pay for the streams in between.
  response.on("error", () => {});
  try {
    for (let piece = first; !piece.done && !response.destroyed; piece = await iterator.next())
      if (piece.value.length > 0 && !response.write(piece.value)) await room(response);
    if (response.destroyed) return;
    response.end();
    if (!response.writableFinished) await Promise.race([once(response, "finish"), once(response, "close")]);
  } finally {
    await iterator.return?.();
  }
}

/** Resolves when more can be written, or nobody is there any more. */
function room(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off("drain", done);
      response.off("close", done);
      resolve();
    };
    response.on("drain", done);
    response.on("close", done);
  });
}
