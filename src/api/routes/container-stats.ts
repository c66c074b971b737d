/** What containers use (Engine API, ContainerStats). */

import { totalmem } from "node:os";
import { sleep } from "../../base/sleep.ts";
import { statsJson } from "../../docker/stats/stats.ts";
import type { ContainerStats } from "../../engine/container/stats.ts";
import { formatJson } from "../../spec/schema/json.ts";
import { document, noContainer } from "../answers.ts";
import type { Call } from "../call.ts";
import { type Answer, json } from "../http/answer.ts";
import { flag } from "../parameter.ts";
import { type Route, route } from "../route.ts";

const measuring = {
  query: {
    stream: flag("Each second, until the client has gone", true),
    "one-shot": flag("Do not wait for a second measurement"),
  },
} as const;

export const containerUsage: readonly Route[] = [
  route({
    method: "GET",
    path: "/containers/{name}/stats",
    summary: "Measure what a container uses",
    asked: measuring,
    answers: { 200: document("Measurements"), ...noContainer },
    shows: "state",
    answer: stats,
  }),
];

/** Milliseconds between two measurements. */
const interval = 1000;

async function stats(call: Call<typeof measuring>): Promise<Answer> {
  const { id } = await call.engine.inspect(call.parameter("name"));
  const measure = () => call.engine.stats(id);
  if (!call.query.stream) {
    const first = await measure();
    // Processor shares need two.
    if (call.query["one-shot"] || !first.usage) return json(statsJson(first, undefined, totalmem()));
    await sleep(interval);
    return json(statsJson(await measure(), first, totalmem()));
  }
  const pieces = async function* () {
    for (let before: ContainerStats | undefined; !call.gone.aborted; await sleep(interval)) {
      const now = await measure();
      yield `${formatJson(statsJson(now, before, totalmem()))}\n`;
      before = now;
    }
  };
  return { kind: "stream", type: "application/json", pieces: pieces(), follows: true };
}
