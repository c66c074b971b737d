/** Containers: attaching, logs, and waiting for the end (Engine API, "Containers"). */

import { BrigError, messageOf } from "../../base/errors.ts";
import { Parts } from "../../docker/log-parts.ts";
import { instant, parseMoment } from "../../docker/text/moment.ts";
import type { ContainerInfo, LogEntry } from "../../engine/container/info.ts";
import type { EngineEvent } from "../../engine/events/feed.ts";
import type { Session, Streams } from "../../engine/session.ts";
import { integer } from "../../spec/schema/scalars.ts";
import { object } from "../../spec/schema/schema.ts";
import { conversation, document, noContainer, output } from "../answers.ts";
import type { Call } from "../call.ts";
import type { Answer } from "../http/answer.ts";
import type { Connection } from "../http/hijack.ts";
import { framed, multiplexedStream, rawStream } from "../multiplex.ts";
import { flag, text, word } from "../parameter.ts";
import { type Route, route } from "../route.ts";
import { isBefore } from "../version.ts";

const whole = integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);

const attaching = {
  query: {
    logs: flag("What it has written so far comes first"),
    stream: flag("Stay while it runs"),
    stdin: flag("Give it input"),
    stdout: flag("Get its output"),
    stderr: flag("Get its errors"),
  },
} as const;

const reading = {
  query: {
    follow: flag("Stay while it runs"),
    stdout: flag("Its output"),
    stderr: flag("Its errors"),
    since: text("From this moment on: seconds since 1970, a date, or a duration before now"),
    until: text("Up to this moment"),
    timestamps: flag("Each line begins with its time"),
    tail: text("The last so many lines; all"),
    details: flag("Each line begins with the log driver's attributes"),
  },
} as const;

const waiting = {
  query: {
    condition: word("What is waited for", ["not-running", "next-exit", "removed"], "invalid condition"),
  },
} as const;

export const containerIo: readonly Route[] = [
  route({
    method: "POST",
    path: "/containers/{name}/attach",
    summary: "Attach to a container",
    asked: attaching,
    answers: { ...conversation, ...noContainer, 409: "It is paused" },
    answer: attach,
  }),
  route({
    method: "GET",
    path: "/containers/{name}/logs",
    summary: "Read what a container has written",
    asked: reading,
    answers: { 200: output("Its lines"), ...noContainer },
    shows: "logs",
    answer: logs,
  }),
  route({
    method: "POST",
    path: "/containers/{name}/wait",
    summary: "Wait for a container",
    asked: waiting,
    answers: { 200: document("How it ended", object({ StatusCode: whole })), ...noContainer },
    answer: wait,
  }),
];

async function attach(call: Call<typeof attaching>): Promise<Answer> {
  const container = await call.engine.inspect(call.parameter("name"));
  if (container.state === "paused")
    throw new BrigError(
      "conflict",
      `container ${container.id} is paused, unpause the container before attach`,
    );
  const { stream: live, stdin, stdout, stderr } = call.query;
  const streams = { stdin: live && stdin, stdout, stderr };
  const terminal = container.spec.terminal ?? false;
  return {
    kind: "hijack",
    type: streamType(call, terminal),
    async talk(connection) {
      const write = writerOf(connection, terminal);
      try {
        if (call.query.logs)
          for await (const entry of call.engine.logs(container.id, streams)) await write(entry);
        if (live) await converse(call, container, streams, connection, write);
      } catch (error) {
        if (!(error instanceof BrigError)) throw error;
        await write({ stream: "stderr", bytes: Buffer.from(`${messageOf(error)}\n`) });
      }
      await connection.end();
    },
  };
}

type Write = (piece: { readonly stream: "stdout" | "stderr"; readonly bytes: Uint8Array }) => Promise<void>;

function writerOf(connection: Connection, terminal: boolean): Write {
  return ({ stream, bytes }) => connection.write(terminal ? bytes : framed(stream, bytes));
}

/** Before 1.42 there was one name for both. */
export function streamType(call: Call, terminal: boolean): string {
  return terminal || isBefore(call.version, { major: 1, minor: 42 }) ? rawStream : multiplexedStream;
}

/** Resolves when the container has ended, or the client has gone. */
async function converse(
  call: Call,
  { id, state }: ContainerInfo,
  streams: Streams,
  connection: Connection,
  write: Write,
): Promise<void> {
  if (state === "running") return relay(await call.engine.attach(id, streams), streams, connection, write);
  const ended = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<Session | undefined>();
  const leave = () => {
    begun.resolve(undefined);
    ended.resolve();
  };
  connection.gone.addEventListener("abort", leave);
  using _waiting = call.service.attachments.await(id, {
    streams,
    begin: begun.resolve,
    async write(chunk) {
      if (connection.gone.aborted) throw new BrigError("aborted", "the client has gone");
      if (streams[chunk.stream]) await write(chunk);
    },
    end: ended.resolve,
  });
  const session = await begun.promise;
  if (!session) return;
  if (streams.stdin) void feed(session, connection);
  await ended.promise;
}

/** Between one client and the session that is its own. */
export async function relay(
  session: Session,
  streams: Streams,
  connection: Connection,
  write: Write,
): Promise<void> {
  const leave = () => void session.detach().catch(() => {});
  connection.gone.addEventListener("abort", leave);
  if (streams.stdin) void feed(session, connection);
  for await (const chunk of session.output) await write(chunk);
}

async function feed(session: Session, connection: Connection): Promise<void> {
  try {
    for await (const bytes of connection.input) await session.write(bytes);
    if (!connection.gone.aborted) await session.closeStdin();
  } catch {
    // The process has ended; that is told by the end of its output.
  }
}

async function logs(call: Call<typeof reading>): Promise<Answer> {
  const container = await call.engine.inspect(call.parameter("name"));
  const { follow, stdout, stderr, timestamps, details } = call.query;
  if (!stdout && !stderr)
    throw new BrigError("invalid", "Bad parameters: you must choose at least one stream");
  const terminal = container.spec.terminal ?? false;
  const now = BigInt(Date.now()) * 1_000_000n;
  const [since, until] = [parseMoment(call.query.since), parseMoment(call.query.until)];
  const tail = /^\d+$/.test(call.query.tail) ? Number(call.query.tail) : undefined;
  const log = call.engine.logPieces(container.id, {
    follow,
    stdout,
    stderr,
    ...(since ? { since: instant(since, now) } : {}),
    ...(until ? { until: instant(until, now) } : {}),
    ...(tail === undefined ? {} : { tail }),
  });
  const headOf = ({ time }: LogEntry) => (timestamps ? `${time} ` : "") + (details ? " " : "");
  const parts = timestamps || details ? new Parts() : undefined;
  const pieces = async function* () {
    for await (const entries of log)
      for (const { stream, bytes } of parts ? parts.of(entries, headOf) : entries)
        yield terminal ? bytes : framed(stream, bytes);
  };
  return { kind: "stream", type: streamType(call, terminal), pieces: pieces(), follows: follow };
}

async function wait(call: Call<typeof waiting>): Promise<Answer> {
  const { condition } = call.query;
  const container = await call.engine.inspect(call.parameter("name"));
  const { id } = container;
  // The events are read from here on: what happens after the answer has begun is not missed.
  const events = condition === "not-running" ? undefined : await call.engine.events({ signal: call.gone });
  const body = async function* () {
    const code =
      events && condition !== "not-running"
        ? await endIn(events, id, condition, container.exitCode ?? 0)
        : (await call.engine.wait(id)).code;
    if (code !== undefined) yield `${JSON.stringify({ StatusCode: code })}\n`;
  };
  return { kind: "stream", type: "application/json", pieces: body(), follows: true };
}

/** Undefined when the client has gone before. */
async function endIn(
  events: AsyncIterable<EngineEvent>,
  id: string,
  condition: "next-exit" | "removed",
  last: number,
): Promise<number | undefined> {
  let code = last;
  for await (const { subject, action, attributes } of events) {
    if (subject !== id) continue;
    if (attributes.exitCode !== undefined) code = Number(attributes.exitCode);
    if (action === "destroy" || (action === "die" && condition === "next-exit")) return code;
  }
  return undefined;
}
