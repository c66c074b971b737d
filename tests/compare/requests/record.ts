/**
 * A proxy between a real client and a service that keeps what the client asks, to be put to both services later.
 *
 *   record.ts LISTEN TO FILE    sockets by path; writes the file when it is interrupted
 *   RECORDED=FILE node --test tests/compare/requests/recorded.test.ts    puts it to both
 *
 * Ids that a service has given out become `{id1}`, so that each side gets those of its own. What was still open when the
 * next request came is open then, too.
 */

import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { type Duplex, Transform } from "node:stream";
import { buffer } from "node:stream/consumers";
import type { Step } from "./step.ts";

export interface Recording extends AsyncDisposable {
  /** What has been asked until now. */
  steps(): readonly Step[];
}

export async function record(listen: string, to: string): Promise<Recording> {
  const heard: Heard[] = [];
  const ids = new Map<string, string>();

  const begin = ({ method = "GET", url = "/", headers }: IncomingMessage, upgrade: boolean): Heard => {
    const type = headers["content-type"];
    const known: Heard = { method, url, type, upgrade, body: [], said: [], answer: [] };
    heard.push(known);
    return known;
  };
  const end = (known: Heard) => {
    if (known.open !== undefined) return;
    known.open = heard.length - 1 - heard.indexOf(known);
    known.named = nameOf(known, ids);
  };

  const server = createServer({ requireHostHeader: false }, (asked, answered) => {
    const known = begin(asked, false);
    forward(asked, answered, to, known).then(
      () => end(known),
      () => answered.destroy(),
    );
  });
  server.on("upgrade", async (asked: IncomingMessage, client: Duplex, head: Buffer) => {
    const known = begin(asked, true);
    client.on("close", () => end(known));
    // A body belongs to the request, what follows it to the conversation.
    if (Number(asked.headers["content-length"] ?? 0) > 0) known.body.push(await buffer(asked));
    relay(asked, client, head, to, known);
  });
  server.listen(listen);
  await once(server, "listening");
  return {
    steps: () => heard.map((known) => stepOf(known, ids)),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Heard {
  readonly method: string;
  readonly url: string;
  readonly type: string | undefined;
  readonly upgrade: boolean;
  readonly body: Buffer[];
  /** What was said on the connection when it was one. */
  readonly said: Buffer[];
  readonly answer: Buffer[];
  /** How many requests have begun before this one was answered. */
  open?: number;
  named?: Readonly<Record<string, string>> | undefined;
}

async function forward(
  asked: IncomingMessage,
  answered: ServerResponse,
  to: string,
  known: Heard,
): Promise<void> {
  const { method, url, headers } = asked;
  const onward = request({ socketPath: to, method, path: url, headers });
  asked.pipe(keeping(known.body)).pipe(onward);
  const [answer] = (await once(onward, "response")) as [IncomingMessage];
  answered.writeHead(answer.statusCode!, answer.statusMessage, answer.rawHeaders);
  answered.flushHeaders();
  answered.on("close", () => onward.destroy());
  answer.pipe(keeping(known.answer)).pipe(answered);
  await once(answered, "close");
}

function relay(
  { method, url, rawHeaders }: IncomingMessage,
  client: Duplex,
  head: Buffer,
  to: string,
  known: Heard,
): void {
  const service = connect({ path: to, allowHalfOpen: true });
  const lines = rawHeaders.map((text, i) => (i % 2 === 0 ? `${text}: ` : `${text}\r\n`));
  service.write(`${method} ${url} HTTP/1.1\r\n${lines.join("")}\r\n`);
  for (const bytes of known.body) service.write(bytes);
  known.said.push(head);
  service.write(head);
  client.pipe(keeping(known.said)).pipe(service);
  service.pipe(keeping(known.answer)).pipe(client);
  for (const [one, other] of [
    [client, service],
    [service, client],
  ] as const) {
    one.on("error", () => other.destroy());
    one.on("close", () => other.destroy());
  }
}

function keeping(chunks: Buffer[]): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done(null, chunk);
    },
  });
}

/** The id that an answer gave out gets a name. */
function nameOf({ answer }: Heard, ids: Map<string, string>): Heard["named"] {
  const id = /^\{"Id":"([0-9a-f]{64})"/.exec(Buffer.concat(answer).toString("latin1"))?.[1];
  if (id === undefined || ids.has(id)) return undefined;
  const name = `id${ids.size + 1}`;
  ids.set(id, name);
  return { [name]: "Id" };
}

function stepOf(
  { method, url, type, upgrade, body: pieces, said, open = 0, named }: Heard,
  ids: ReadonlyMap<string, string>,
): Step {
  const text = (bytes: string) =>
    bytes.replace(/[0-9a-f]{64}/g, (id) => (ids.has(id) ? `{${ids.get(id)}}` : id));
  const body = Buffer.concat(pieces);
  const [, path = ""] = /^(?:\/v[\d.]+)?(.*)$/s.exec(text(url))!;
  return {
    ask: `${method} ${path}`,
    ...(body.length === 0
      ? {}
      : type?.startsWith("application/json")
        ? { body: text(body.toString()) }
        : {
            body: new Uint8Array(body),
            ...(type === undefined ? {} : { headers: { "Content-Type": type } }),
          }),
    ...(upgrade ? { upgrade, says: Buffer.concat(said).toString() } : {}),
    ...(open > 0 ? { open } : {}),
    ...(named ? { keep: named } : {}),
  };
}

/** Bodies that are no text, as a file of JSON has them. */
export const written = (steps: readonly Step[]): string =>
  `${JSON.stringify(
    steps.map((step) =>
      step.body instanceof Uint8Array
        ? { ...step, body: { base64: Buffer.from(step.body).toString("base64") } }
        : step,
    ),
    undefined,
    1,
  )}\n`;

export const read = (text: string): readonly Step[] =>
  (
    JSON.parse(text) as readonly (Omit<Step, "body"> & {
      readonly body?: string | { readonly base64: string };
    })[]
  ).map(({ body, ...step }) => ({
    ...step,
    ...(body === undefined
      ? {}
      : { body: typeof body === "string" ? body : Buffer.from(body.base64, "base64") }),
  }));

if (import.meta.main) {
  const [listen, to, file] = process.argv.slice(2);
  const recording = await record(listen!, to!);
  await Promise.race(["SIGINT", "SIGTERM"].map((signal) => once(process, signal)));
  writeFileSync(file!, written(recording.steps()));
  await recording[Symbol.asyncDispose]();
}
