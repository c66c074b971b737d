/** Containers: attaching, logs, and waiting for the end (Engine API, "Containers"). */

import { BrigError, messageOf } from "../../base/errors.ts";
import { Parts } from "../../docker/log-parts.ts";
import { instant, parseMoment } from "../../docker/text/moment.ts";
import type { ContainerInfo, LogEntry } from "../../engine/container/info.ts";
import type { EngineEvent } from "../../engine/events/feed.ts";
import type { Session, Streams } from "../../engine/session.ts";
import type { Call } from "../call.ts";
import type { Answer } from "../http/answer.ts";
import type { Connection } from "../http/hijack.ts";
import { framed, multiplexedStream, rawStream } from "../multiplex.ts";
import type { Route } from "../route.ts";
import { isBefore } from "../version.ts";

export const containerIo: readonly Route[] = [
  { method: "POST", path: "/containers/{name}/attach", summary: "Attach to a container", answer: attach },
  {
    method: "GET",
    path: "/containers/{name}/logs",
    summary: "Read what a container has written",
    answer: logs,
  },
  { method: "POST", path: "/containers/{name}/wait", summary: "Wait for a container", answer: wait },
];

async function attach(call: Call): Promise<Answer> {
  const container = await call.engine.inspect(call.parameter("name"));
  if (container.state === "paused")
    throw new BrigError(
      "conflict",
      `container ${container.id} is paused, unpause the container before attach`,
    );
  const live = call.flag("stream");
  const streams = {
    stdin: live && call.flag("stdin"),
    stdout: call.flag("stdout"),
    stderr: call.flag("stderr"),
  };
  const terminal = container.spec.terminal ?? false;
  return {
    kind: "hijack",
    type: streamType(call, terminal),
    async talk(connection) {
      const write = writerOf(connection, terminal);
      try {
        if (call.flag("logs"))
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

async function logs(call: Call): Promise<Answer> {
  const container = await call.engine.inspect(call.parameter("name"));
  const [stdout, stderr] = [call.flag("stdout"), call.flag("stderr")];
  if (!stdout && !stderr)
    throw new BrigError("invalid", "Bad parameters: you must choose at least one stream");
  const terminal = container.spec.terminal ?? false;
  const now = BigInt(Date.now()) * 1_000_000n;
  const [since, until] = [parseMoment(call.text("since")), parseMoment(call.text("until"))];
  const tail = /^\d+$/.test(call.text("tail")) ? Number(call.text("tail")) : undefined;
  const log = call.engine.logPieces(container.id, {
    follow: call.flag("follow"),
    stdout,
    stderr,
    ...(since ? { since: instant(since, now) } : {}),
    ...(until ? { until: instant(until, now) } : {}),
    ...(tail === undefined ? {} : { tail }),
  });
  const [timestamps, details] = [call.flag("timestamps"), call.flag("details")];
  const headOf = ({ time }: LogEntry) => (timestamps ? `${time} ` : "") + (details ? " " : "");
  const parts = timestamps || details ? new Parts() : undefined;
  const pieces = async function* () {
    for await (const entries of log)
      for (const { stream, bytes } of parts ? parts.of(entries, headOf) : entries)
        yield terminal ? bytes : framed(stream, bytes);
  };
  return { kind: "stream", type: streamType(call, terminal), pieces: pieces(), follows: call.flag("follow") };
}

const conditions = ["not-running", "next-exit", "removed"] as const;

async function wait(call: Call): Promise<Answer> {
  const said = call.text("condition") || "not-running";
  const condition = conditions.find((known) => known === said);
  if (!condition) throw new BrigError("invalid", `invalid condition: ${JSON.stringify(said)}`);
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
