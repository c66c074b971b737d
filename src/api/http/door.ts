/**
 * HTTP/1.1 on sockets that may stop being HTTP: `docker attach` turns its connection into a stream of bytes in the
 * middle. `node:net` listens and hands connections to `node:http`, which is how both runtimes let go of one again.
 */

import { createServer, type IncomingMessage, ServerResponse } from "node:http";
import type { Server as Listener, Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Shown } from "../listen/address.ts";
import { Connections } from "./connections.ts";

/** Bytes of a request's line and headers. */
const headLimit = 64 * 1024;

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Where the client asked for another protocol: what has already come of it. */
  readonly upgrade?: { readonly socket: Duplex; readonly head: Buffer };
  /** What the door shows; everything can be done where nothing is said. */
  readonly shows?: Shown;
  /** The body, where it has been read before the route does. */
  readonly body?: Buffer;
}

/** Opens listeners whose connections are given to `accept`. */
export type Open = (accept: (socket: Socket) => void) => Promise<readonly Listener[]>;

/** Answers every request on the listeners that `open` gives. */
export async function openDoor(
  open: Open,
  answer: (exchange: Exchange) => Promise<void>,
  shows?: Shown,
): Promise<AsyncDisposable> {
  const server = createServer({ maxHeaderSize: headLimit, requireHostHeader: false });
  // Connections has the limits; an upload, and a stream that lasts for days, have no time of their own.
  server.headersTimeout = 0;
  server.requestTimeout = 0;
  server.keepAliveTimeout = 0;
  const connections = new Connections();
  const take = async (exchange: Exchange) => {
    const { socket } = exchange.request;
    if (!connections.asked(socket)) return void socket.destroy();
    await answer(shows ? { ...exchange, shows } : exchange);
    connections.answered(socket);
  };
  server.on("request", (request, response) => void take({ request, response }));
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) =>
    take({ request, response: responseOver(request, socket), upgrade: { socket, head } }),
  );
  server.on("clientError", refuse);
  const listeners = await open((socket) => {
    if (!connections.add(socket)) return void socket.destroy();
    // A client that resets its connection is no event of ours.
    socket.on("error", () => socket.destroy());
    server.emit("connection", socket);
  });
  return {
    async [Symbol.asyncDispose]() {
      const closed = listeners.map((listener) => new Promise((resolve) => listener.close(resolve)));
      connections[Symbol.dispose]();
      await Promise.all(closed);
      server.close();
    },
  };
}

/** For an exchange that ends without leaving HTTP: the answer, and the end of the connection. */
function responseOver(request: IncomingMessage, socket: Duplex): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket as Socket);
  response.on("finish", () => socket.end());
  return response;
}

function refuse(error: Error & { readonly code?: string }, socket: Duplex): void {
  if (socket.destroyed || !socket.writable) return;
  const [status, reason] =
    error.code === "HPE_HEADER_OVERFLOW"
      ? [431, "Request Header Fields Too Large"]
      : error.code === "ERR_HTTP_REQUEST_TIMEOUT"
        ? [408, "Request Timeout"]
        : [400, "Bad Request"];
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n${status} ${reason}`,
    () => socket.destroy(),
  );
}
