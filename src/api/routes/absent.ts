/** What brig does not have yet, answered as a Docker without it would (Engine API, "Swarm" and others). */

import { BrigError } from "../../base/errors.ts";
import type { Answer } from "../http/answer.ts";
import { json } from "../http/answer.ts";
import type { Route } from "../route.ts";

const noSwarm = (): Answer => {
  throw new BrigError(
    "unavailable",
    'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.',
    { code: "no-swarm" },
  );
};

const swarm = ["/swarm", "/nodes", "/services", "/tasks", "/secrets", "/configs"];

export const absent: readonly Route[] = [
  ...swarm.flatMap((path): readonly Route[] => [
    { method: "GET", path, summary: "Not part of a swarm", answer: noSwarm },
    { method: "GET", path: `${path}/{rest...}`, summary: "Not part of a swarm", answer: noSwarm },
    { method: "POST", path: `${path}/{rest...}`, summary: "Not part of a swarm", answer: noSwarm },
    { method: "DELETE", path: `${path}/{rest...}`, summary: "Not part of a swarm", answer: noSwarm },
  ]),
  { method: "GET", path: "/plugins", summary: "List plugins: there are none", answer: () => json([]) },
];
