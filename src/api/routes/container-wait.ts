/** Waiting for the end of a container (Engine API, ContainerWait). */

import type { EngineEvent } from "../../engine/events/feed.ts";
import { whole } from "../../spec/schema/scalars.ts";
import { object } from "../../spec/schema/schema.ts";
import { document, noContainer } from "../answers.ts";
import type { Call } from "../call.ts";
import { type Answer, json } from "../http/answer.ts";
import { word } from "../parameter.ts";
import { type Route, route } from "../route.ts";

const waiting = {
  query: {
    condition: word("What is waited for", ["not-running", "next-exit", "removed"], "invalid condition"),
  },
} as const;

export const containerWait: readonly Route[] = [
  route({
    method: "POST",
    path: "/containers/{name}/wait",
    summary: "Wait for a container",
    asked: waiting,
    answers: { 200: document("How it ended", object({ StatusCode: whole })), ...noContainer },
    answer: wait,
  }),
];

/** Milliseconds for which the end of a container that is gone is told. */
const remembered = 10_000;

async function wait(call: Call<typeof waiting>): Promise<Answer> {
  const { condition } = call.query;
  const name = call.parameter("name");
  const container = await call.engine.inspect(name).catch(async (error: unknown) => {
    // `start` and then `wait`, of one that ends at once and removes itself: who asks is told how it ended.
    const code = await endOfRemoved(call, name);
    if (code === undefined) throw error;
    return code;
  });
  if (typeof container === "number") return json({ StatusCode: container });
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

/** By its id; undefined for one that was not there a moment ago either. */
async function endOfRemoved({ engine, gone: signal }: Call, id: string): Promise<number | undefined> {
  const now = Date.now();
  let [code, removed]: [number | undefined, boolean] = [undefined, false];
  for await (const { subject, action, attributes } of await engine.events({
    since: now - remembered,
    until: now,
    signal,
  })) {
    if (subject !== id) continue;
    if (action === "die") code = Number(attributes.exitCode);
    removed ||= action === "destroy";
  }
  return removed ? code : undefined;
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
    // Commands in it have exit codes of their own.
    if (subject !== id || (action !== "die" && action !== "destroy")) continue;
    if (attributes.exitCode !== undefined) code = Number(attributes.exitCode);
    if (action === "destroy" || condition === "next-exit") return code;
  }
  return undefined;
}
