/**
 * HTTP/1.1 on sockets that may stop being HTTP: `docker attach` turns its connection into a stream of bytes in the
 * middle. `node:net` listens and hands connections to `node:http`, which is how both runtimes let go of one again.
 */

import { createServer, type IncomingMessage, ServerResponse } from "node:http";
import { createServer as createListener, type Server as Listener, type Socket } from "node:net";
import type { Duplex } from "node:stream";

/** What a client may keep open without having said anything. */
const headTimeout = 30_000;

/** Bytes of a request's line and headers. */
const headLimit = 64 * 1024;

/** More than these are turned away at the door. */
export const connectionLimit = 4096;

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Where the client asked for another protocol: what has already come of it. */
  readonly upgrade?: { readonly socket: Duplex; readonly head: Buffer };
}

export interface Door extends AsyncDisposable {
  readonly listener: Listener;
}

/** Answers every request on the listener that `listen` opens. */
export async function openDoor(
  listen: (listener: Listener) => Promise<void>,
  answer: (exchange: Exchange) => void,
): Promise<Door> {
  const server = createServer({ maxHeaderSize: headLimit, requireHostHeader: false }, (request, response) =>
    answer({ request, response }),
  );
  server.headersTimeout = headTimeout;
  // An upload, and a stream that lasts for days, have no time of their own.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 60_000;
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) =>
    answer({ request, response: responseOver(request, socket), upgrade: { socket, head } }),
  );
  server.on("clientError", refuse);
  const open = new Set<Socket>();
  const listener = createListener({ allowHalfOpen: true }, (socket) => {
    if (open.size >= connectionLimit) return void socket.destroy();
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    // A client that resets its connection is no event of ours.
    socket.on("error", () => socket.destroy());
    server.emit("connection", socket);
  });
  await listen(listener);
  return {
    listener,
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => {
        listener.close(() => resolve());
        for (const socket of open) socket.destroy();
      });
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
