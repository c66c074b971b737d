/**
 * One client of the Engine API, for both services: prints the nanoseconds of each of its runs on a line.
 *
 *   api.ts SOCKET WORK RUNS
 *
 * `fill`, `write` and `start` make what others measure with; `empty` takes it away again.
 */

import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";

const [socketPath, work, runs] = [process.argv[2]!, process.argv[3]!, Number(process.argv[4] ?? 1)];
const agent = new Agent({ keepAlive: true, maxSockets: 64 });
const limits = { Memory: 268_435_456, NanoCpus: 1_000_000_000, PidsLimit: 100 };
const followers = 1000;

async function open(method: string, path: string, body?: object, own?: Agent): Promise<IncomingMessage> {
  const text = body === undefined ? "" : JSON.stringify(body);
  const headers = { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text) };
  const asked = request({ socketPath, method, path: `/v1.41${path}`, headers, agent: own ?? agent });
  asked.end(text);
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  return answer;
}

/** The answer's bytes, counted; throws for an error. */
async function call(
  method: string,
  path: string,
  body?: object,
): Promise<{ readonly size: number; readonly text: string }> {
  const answer = await open(method, path, body);
  let [size, text] = [0, ""];
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size < 10_000_000) text += chunk;
  }
  if (answer.statusCode! >= 400) throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`);
  return { size, text };
}

async function create(name: string, ...Cmd: readonly string[]): Promise<string> {
  // Each would otherwise keep of a log what it thinks fit.
  const LogConfig = { Type: "json-file", Config: { "max-size": "1g" } };
  const body = { Image: "busybox", Cmd, HostConfig: { ...limits, LogConfig } };
  return JSON.parse((await call("POST", `/containers/create?name=${name}`, body)).text).Id;
}

async function ids(): Promise<readonly string[]> {
  const all = JSON.parse((await call("GET", "/containers/json?all=1")).text) as readonly {
    readonly Id: string;
  }[];
  return all.map(({ Id }) => Id);
}

/** So many at a time. */
async function each<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const left = items.values();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const item of left) await work(item);
    }),
  );
}

const numbered = (count: number) => Array.from({ length: count }, (_, number) => number);

async function timed(work: () => Promise<unknown>): Promise<void> {
  for (let run = 0; run <= runs; run++) {
    const began = process.hrtime.bigint();
    await work();
    // The first one warms caches on every side.
    if (run > 0) console.log(String(process.hrtime.bigint() - began));
  }
}

const works: Readonly<Record<string, () => Promise<void>>> = {
  ping: () => timed(() => call("GET", "/_ping")),

  run: () =>
    timed(async () => {
      const id = await create("bench-api", "true");
      const waited = call("POST", `/containers/${id}/wait?condition=next-exit`);
      await call("POST", `/containers/${id}/start`);
      await waited;
      await call("DELETE", `/containers/${id}`);
    }),

  fill: () => each(numbered(runs), 4, (number) => create(`bench-${number}`, "true")),
  list: () => timed(() => call("GET", "/containers/json?all=1")),

  write: async () => {
    const id = await create("bench-log", "sh", "-c", `yes ${"x".repeat(99)} | head -c ${runs}000000`);
    await call("POST", `/containers/${id}/start`);
    await call("POST", `/containers/${id}/wait`);
  },
  logs: () =>
    timed(async () => {
      const { size } = await call("GET", "/containers/bench-log/logs?stdout=1");
      if (size < 100_000_000) throw new Error(`the log has only ${size} bytes`);
    }),

  events: async () => {
    const filters = encodeURIComponent(JSON.stringify({ event: ["create"], type: ["volume"] }));
    const own = new Agent({ maxSockets: Number.POSITIVE_INFINITY });
    const answers = await Promise.all(
      numbered(followers).map(() => open("GET", `/events?filters=${filters}`, undefined, own)),
    );
    let number = 0;
    await timed(async () => {
      const heard = answers.map((answer) => once(answer, "data"));
      await call("POST", "/volumes/create", { Name: `bench-${number++}` });
      await Promise.all(heard);
    });
    for (const answer of answers) answer.destroy();
    for (; number > 0; number--) await call("DELETE", `/volumes/bench-${number - 1}`);
  },

  start: () =>
    each(numbered(runs), 4, async (number) => {
      const id = await create(`bench-${number}`, "sleep", "100000");
      await call("POST", `/containers/${id}/start`);
    }),
  stats: async () => {
    const all = await ids();
    await timed(() =>
      Promise.all(all.map((id) => call("GET", `/containers/${id}/stats?stream=0&one-shot=1`))),
    );
  },

  empty: async () => each(await ids(), 4, (id) => call("DELETE", `/containers/${id}?force=1`)),
};

await works[work]!();
process.exit();
