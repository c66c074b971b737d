/** A connection taken from HTTP: both sides then say what they like (Engine API, "Hijacking"). */

import type { Duplex } from "node:stream";
import type { Exchange } from "./door.ts";

export interface Connection {
  /** What the client says; ends when it has said everything. */
  readonly input: AsyncIterable<Uint8Array>;
  /** Resolves when there is room for more; at once when the client has gone. */
  write(bytes: Uint8Array): Promise<void>;
  /** Aborted when the client has gone. */
  readonly gone: AbortSignal;
  end(): Promise<void>;
}

/** The head of the answer goes out, as the protocol that was asked for or as what Docker's old clients expect. */
export function hijack({ request, upgrade }: Exchange, type: string): Connection {
  const socket: Duplex = upgrade?.socket ?? request.socket;
  if (!upgrade) {
    for (const event of ["data", "end", "drain", "timeout"]) socket.removeAllListeners(event);
    // What the client says before anybody reads would be lost.
    socket.pause();
  }
  socket.write(
    upgrade
      ? `HTTP/1.1 101 UPGRADED\r\nContent-Type: ${type}\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n`
      : `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\n\r\n`,
  );
  return connectionOver(socket);
}

export function connectionOver(socket: Duplex): Connection {
  const gone = new AbortController();
  const leave = () => gone.abort();
  socket.on("close", leave);
  socket.on("error", leave);
  return {
    input: inputOf(socket, gone.signal),
    gone: gone.signal,
    async write(bytes) {
      if (gone.signal.aborted || socket.write(bytes)) return;
      await new Promise<void>((resolve) => {
        const done = () => {
          socket.off("drain", done);
          socket.off("close", done);
          resolve();
        };
        socket.on("drain", done);
        socket.on("close", done);
      });
    },
    async end() {
      if (gone.signal.aborted) return;
      await new Promise<void>((resolve) => {
        socket.once("close", resolve);
        socket.end(() => resolve());
      });
      socket.destroy();
    },
  };
}

async function* inputOf(socket: Duplex, gone: AbortSignal): AsyncGenerator<Uint8Array> {
  const chunks: Buffer[] = [];
  let ended = false;
  let wake: (() => void) | undefined;
  const rouse = () => wake?.();
  socket.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    // One at a time: who is not read waits.
    socket.pause();
    rouse();
  });
  socket.on("end", () => {
    ended = true;
    rouse();
  });
  gone.addEventListener("abort", rouse);
  socket.resume();
  for (;;) {
    const chunk = chunks.shift();
    if (chunk) {
      yield chunk;
      if (chunks.length === 0) socket.resume();
    } else if (ended || gone.aborted) return;
    else
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
  }
}
