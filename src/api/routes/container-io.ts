/** Containers: attaching and logs (Engine API, "Containers"). */

import { BrigError, messageOf } from "../../base/errors.ts";
import { DetachWatch } from "../../docker/detach.ts";
import { Parts } from "../../docker/log-parts.ts";
import { instant } from "../../docker/text/moment.ts";
import type { ContainerInfo, LogEntry } from "../../engine/container/info.ts";
import type { Session, Streams } from "../../engine/session.ts";
import { conversation, noContainer, output } from "../answers.ts";
import type { Call } from "../call.ts";
import type { Answer } from "../http/answer.ts";
import type { Connection } from "../http/hijack.ts";
import { framed, framedTogether, multiplexedStream, rawStream } from "../multiplex.ts";
import { flag, keys, moment, text } from "../parameter.ts";
import { type Route, route } from "../route.ts";
import { isBefore } from "../version.ts";

/** Also by a WebSocket. */
export const attaching = {
  query: {
    logs: flag("What it has written so far comes first"),
    stream: flag("Stay while it runs"),
    stdin: flag("Give it input"),
    stdout: flag("Get its output"),
    stderr: flag("Get its errors"),
    detachKeys: keys("Keys that end the attachment to a terminal; ctrl-p,ctrl-q"),
  },
} as const;

const reading = {
  query: {
    follow: flag("Stay while it runs"),
    stdout: flag("Its output"),
    stderr: flag("Its errors"),
    since: moment("From this moment on: seconds since 1970, a date, or a duration before now"),
    until: moment("Up to this moment"),
    timestamps: flag("Each line begins with its time"),
    tail: text("The last so many lines; all"),
    details: flag("Each line begins with the log driver's attributes"),
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
];

async function attach(call: Call<typeof attaching>): Promise<Answer> {
  const container = await attachable(call);
  const { stdin, stdout, stderr } = call.query;
  const terminal = container.spec.terminal ?? false;
  return {
    kind: "hijack",
    type: streamType(call, terminal),
    talk: talkWith(call, container, { stdin, stdout, stderr }, { isFramed: !terminal }),
  };
}

/** What may be attached to: what does not run will, when somebody starts it. */
export async function attachable(call: Call<typeof attaching>): Promise<ContainerInfo> {
  const container = await call.engine.inspect(call.parameter("name"));
  if (container.state === "paused")
    throw new BrigError(
      "conflict",
      `container ${container.id} is paused, unpause the container before attach`,
    );
  return container;
}

/** What it has written, with `logs`, and what it reads and writes from now on, with `stream`. */
export function talkWith(
  call: Call<typeof attaching>,
  container: ContainerInfo,
  { stdin, ...outputs }: Streams,
  { isFramed }: { readonly isFramed: boolean },
): (connection: Connection) => Promise<void> {
  const { stream: live, logs: past, detachKeys } = call.query;
  const streams = { ...outputs, stdin: live && stdin === true };
  const keys = container.spec.terminal ? detachKeys : noKeys;
  const left = () => call.engine.noteDetached(container.id);
  return async (connection) => {
    const write: Write = ({ stream, bytes }) => connection.write(isFramed ? framed(stream, bytes) : bytes);
    try {
      if (past) for await (const entry of call.engine.logs(container.id, streams)) await write(entry);
      if (live) await converse(call, container, { streams, keys, left }, connection, write);
    } catch (error) {
      if (!(error instanceof BrigError)) throw error;
      await write({ stream: "stderr", bytes: Buffer.from(`${messageOf(error)}\n`) });
    }
    await connection.end();
  };
}

export type Write = (piece: {
  readonly stream: "stdout" | "stderr";
  readonly bytes: Uint8Array;
}) => Promise<void>;

/** Before 1.42 there was one name for both. */
export function streamType(call: Call, terminal: boolean): string {
  return terminal || isBefore(call.version, { major: 1, minor: 42 }) ? rawStream : multiplexedStream;
}

interface Watched {
  readonly streams: Streams;
  /** What is typed to leave the terminal. */
  readonly keys: Uint8Array;
  /** Done when that was typed. */
  readonly left: () => Promise<void>;
  readonly outlives?: boolean;
}

const noKeys = new Uint8Array();

/** Resolves when the container has ended, or the client has gone. */
async function converse(
  call: Call,
  { id, state }: ContainerInfo,
  watched: Watched,
  connection: Connection,
  write: Write,
): Promise<void> {
  const { streams } = watched;
  if (state === "running") return relay(await call.engine.attach(id, streams), watched, connection, write);
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
  if (streams.stdin) void feedUntilLeft(session, connection, watched, leave);
  await ended.promise;
}

/**
 * Between one client and the session that is its own. One that outlives its client is read to its end, which would be
 * heard by nobody else.
 */
export async function relay(
  session: Session,
  watched: Watched,
  connection: Connection,
  write: Write,
): Promise<void> {
  const { streams, outlives = false } = watched;
  const leave = () => void (outlives ? connection.end() : session.detach()).catch(() => {});
  if (!outlives) connection.gone.addEventListener("abort", leave);
  if (streams.stdin) void feedUntilLeft(session, connection, watched, leave);
  for await (const chunk of session.output) await write(chunk);
}

async function feedUntilLeft(
  session: Session,
  connection: Connection,
  { keys, left }: Watched,
  leave: () => void,
): Promise<void> {
  if (!(await feed(session, connection, keys))) return;
  // Of a container that is gone by now nothing more is told.
  await left().catch(() => {});
  leave();
}

/** Resolves with true when the client has typed that it leaves. */
async function feed(session: Session, connection: Connection, keys: Uint8Array): Promise<boolean> {
  const watch = new DetachWatch(keys);
  try {
    for await (const bytes of connection.input) {
      const { forward, detached } = watch.push(bytes);
      if (forward.length > 0) await session.write(forward);
      if (detached) return true;
    }
    if (!connection.gone.aborted) await session.closeStdin();
  } catch {
    // The process has ended; that is told by the end of its output.
  }
  return false;
}

async function logs(call: Call<typeof reading>): Promise<Answer> {
  const container = await call.engine.inspect(call.parameter("name"));
  const { follow, stdout, stderr, since, until, timestamps, details } = call.query;
  if (!stdout && !stderr)
    throw new BrigError("invalid", "Bad parameters: you must choose at least one stream");
  const terminal = container.spec.terminal ?? false;
  const now = BigInt(Date.now()) * 1_000_000n;
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
    for await (const entries of log) {
      const lines = [...(parts ? parts.of(entries, headOf) : entries)];
      if (lines.length === 0) continue;
      // What is there at once goes out at once: a write for each line would cost more than the lines.
      yield terminal ? Buffer.concat(lines.map(({ bytes }) => bytes)) : framedTogether(lines);
    }
  };
  return { kind: "stream", type: streamType(call, terminal), pieces: pieces(), follows: follow };
}
