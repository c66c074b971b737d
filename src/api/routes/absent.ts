/** What brig does not have yet, answered as a Docker without it would (Engine API, "Swarm" and others). */

import { BrigError } from "../../base/errors.ts";
import { document } from "../answers.ts";
import type { Answer } from "../http/answer.ts";
import { json } from "../http/answer.ts";
import { type Route, route } from "../route.ts";

const noSwarm = (): Answer => {
  throw new BrigError(
    "unavailable",
    'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.',
    { code: "no-swarm" },
  );
};

const methods = ["GET", "POST", "DELETE"] as const;
const summary = "Not part of a swarm";
const answers = { 503: summary } as const;
const swarm = ["/swarm", "/nodes", "/services", "/tasks", "/secrets", "/configs"];

export const absent: readonly Route[] = [
  ...swarm.flatMap((path) => [
    route({ method: "GET", path, summary, answers, shows: "state", answer: noSwarm }),
    ...methods.map((method) =>
      route({ method, path: `${path}/{rest...}`, summary, answers, answer: noSwarm }),
    ),
  ]),
  route({
    method: "GET",
    path: "/plugins",
    summary: "List plugins: there are none",
    answers: { 200: document("No plugins") },
    shows: "state",
    answer: () => json([]),
  }),
];
