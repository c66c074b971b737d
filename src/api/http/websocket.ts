/** A connection taken from HTTP by the WebSocket protocol (RFC 6455): what the frames carry is what both sides say. */

import { createHash } from "node:crypto";
import { BrigError } from "../../base/errors.ts";
import type { Exchange } from "./door.ts";
import { type Connection, connectionOver } from "./hijack.ts";
import { encodeFrame, FrameDecoder, FrameError } from "./websocket-frames.ts";

/** Section 1.3: what a server has to know to be one. */
const secret = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** Codes of section 7.4.1. */
const [normal, protocolError] = [1000, 1002];

/** Answers the handshake. Throws for a request that is none (4.2.1). */
export function openWebSocket(exchange: Exchange, { text }: { readonly text: boolean }): Connection {
  const { upgrade } = exchange;
  const key = checkedKey(exchange);
  const accepted = createHash("sha1").update(`${key}${secret}`).digest("base64");
  const [protocol] = header(exchange, "sec-websocket-protocol").split(/\s*,\s*/);
  const lines = [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${accepted}`,
    ...(protocol ? [`Sec-WebSocket-Protocol: ${protocol}`] : []),
  ];
  upgrade!.socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  return overFrames(connectionOver(upgrade!.socket), upgrade!.head, text ? "text" : "binary");
}

function checkedKey(exchange: Exchange): string {
  const key = header(exchange, "sec-websocket-key");
  if (!exchange.upgrade || header(exchange, "upgrade").toLowerCase() !== "websocket")
    throw new BrigError("invalid", "not websocket protocol");
  if (header(exchange, "sec-websocket-version") !== "13")
    throw new BrigError("invalid", "missing or bad WebSocket Version");
  if (Buffer.from(key, "base64").length !== 16 || /[^A-Za-z0-9+/=]/.test(key))
    throw new BrigError("invalid", "mismatch challenge/response");
  refuseStrangers(exchange);
  return key;
}

/** A page of somebody else's, in a browser that has a certificate for this service, could do what it likes. */
function refuseStrangers(exchange: Exchange): void {
  const origin = header(exchange, "origin");
  if (origin === "") return;
  if (URL.canParse(origin) && new URL(origin).host === header(exchange, "host")) return;
  throw new BrigError(
    "denied",
    `cannot open a WebSocket: the origin ${JSON.stringify(origin)} is not this host`,
  );
}

function header({ request }: Exchange, name: string): string {
  return String(request.headers[name] ?? "").trim();
}

function overFrames(raw: Connection, head: Uint8Array, opcode: "text" | "binary"): Connection {
  let closed = false;
  const close = async (code: number) => {
    if (closed) return;
    closed = true;
    const payload = Buffer.alloc(2);
    payload.writeUInt16BE(code);
    await raw.write(encodeFrame("close", payload));
  };
  return {
    gone: raw.gone,
    async write(bytes) {
      if (!closed) await raw.write(encodeFrame(opcode, bytes));
    },
    async end() {
      await close(normal);
      await raw.end();
    },
    input: (async function* () {
      const decoder = new FrameDecoder();
      try {
        for await (const bytes of precededBy(head, raw.input))
          for (const received of decoder.push(bytes)) {
            if (received.kind === "data") yield received.bytes;
            if (received.kind === "ping" && !closed) await raw.write(encodeFrame("pong", received.bytes));
            if (received.kind !== "close") continue;
            await close(normal);
            // Not waited for: what the client has said ends before it is gone.
            void raw.end();
            return;
          }
      } catch (error) {
        if (!(error instanceof FrameError)) throw error;
        await close(protocolError);
        void raw.end();
        throw new BrigError("aborted", `the client has sent no WebSocket frame: ${error.message}`);
      }
    })(),
  };
}

/** What came with the request is the beginning. */
async function* precededBy(head: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head;
  yield* rest;
}
