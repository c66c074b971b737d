/** A service of a test file's own, and raw requests to it: what no client library would send, too. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { ownBrig, until } from "../cli/brig.ts";

export function ownService() {
  const own = ownBrig();
  const socket = join(own.root, "api.sock");
  let service: ChildProcess | undefined;

  /** With further flags, if there are any. */
  const startService = async (...flags: readonly string[]) => {
    service = spawn(own.executable, ["service", "-H", `unix://${socket}`, ...flags], {
      env: own.environment,
      stdio: ["ignore", "ignore", "inherit"],
    });
    await until(async () => existsSync(socket) && (await answers(socket)), "the service is up");
    return service;
  };

  return {
    ...own,
    socket,
    startService,
    async stopService(signal: NodeJS.Signals = "SIGTERM") {
      if (!service || service.exitCode !== null || service.signalCode !== null) return;
      service.kill(signal);
      await once(service, "exit");
    },
    service: () => service!,
    /** Opened, and answered by nobody yet. */
    dial: () => dialed(socket),
    request: (method: string, path: string, body?: unknown) => ask(socket, method, path, body),
  };
}

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The body, read as JSON. */
  readonly json: <T>() => T;
}

/** One request on a connection of its own. */
export async function ask(socket: string, method: string, path: string, body?: unknown): Promise<Answered> {
  const text = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
  const type = body === undefined ? "" : "Content-Type: application/json\r\n";
  const length = Buffer.byteLength(text);
  return raw(
    socket,
    `${method} ${path} HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n${type}Content-Length: ${length}\r\n\r\n${text}`,
  );
}

/** Sends bytes as they are and reads to the end. */
export async function raw(socket: string, bytes: string): Promise<Answered> {
  const connection = await dialed(socket);
  connection.write(bytes);
  return parsed(await all(connection));
}

export async function all(connection: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  connection.on("data", (chunk: Buffer) => chunks.push(chunk));
  connection.on("error", () => {});
  connection.on("end", () => connection.end());
  // An error is an end like any other: what came before counts.
  if (!connection.closed) await new Promise((resolve) => connection.once("close", resolve));
  return Buffer.concat(chunks);
}

function parsed(bytes: Buffer): Answered {
  const text = bytes.toString("utf8");
  const [head = "", ...rest] = text.split("\r\n\r\n");
  const [first = "", ...lines] = head.split("\r\n");
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const coded = rest.join("\r\n\r\n");
  const body = headers["transfer-encoding"] === "chunked" ? unchunked(coded) : coded;
  return { status: Number(first.split(" ")[1]), headers, body, json: () => JSON.parse(body) };
}

function unchunked(text: string): string {
  let body = "";
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf("\r\n", at);
    const size = Number.parseInt(text.slice(at, end), 16);
    if (!size) return body;
    body += text.slice(end + 2, end + 2 + size);
    at = end + 2 + size + 2;
  }
  return body;
}

async function dialed(path: string): Promise<Socket> {
  const connection = connect({ path, allowHalfOpen: true });
  await once(connection, "connect");
  return connection;
}

function answers(path: string): Promise<boolean> {
  return ask(path, "GET", "/_ping").then(
    ({ status }) => status === 200,
    () => false,
  );
}

/** Of this host, for now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { readonly port: number };
  server.close();
  return port;
}
