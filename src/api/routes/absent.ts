/** What brig does not have yet, answered as a Docker without it would (Engine API, "Swarm" and others). */

import { BrigError } from "../../base/errors.ts";
import { type Answers, document } from "../answers.ts";
import type { Call } from "../call.ts";
import { json } from "../http/answer.ts";
import { filters } from "../parameter.ts";
import { type Route, route } from "../route.ts";

const noManager =
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.';

/** Each of Docker's routes that needs a swarm. */
const swarm: readonly (readonly [Route["method"], path: string])[] = [
  ["GET", "/swarm"],
  ["GET", "/swarm/unlockkey"],
  ["POST", "/swarm/init"],
  ["POST", "/swarm/join"],
  ["POST", "/swarm/update"],
  ["POST", "/swarm/unlock"],
  ["GET", "/nodes"],
  ["GET", "/nodes/{id}"],
  ["POST", "/nodes/{id}/update"],
  ["DELETE", "/nodes/{id}"],
  ["GET", "/services"],
  ["POST", "/services/create"],
  ["GET", "/services/{id}"],
  ["GET", "/services/{id}/logs"],
  ["POST", "/services/{id}/update"],
  ["DELETE", "/services/{id}"],
  ["GET", "/tasks"],
  ["GET", "/tasks/{id}"],
  ["GET", "/tasks/{id}/logs"],
  ...["/secrets", "/configs"].flatMap(
    (things) =>
      [
        ["GET", things],
        ["POST", `${things}/create`],
        ["GET", `${things}/{id}`],
        ["POST", `${things}/{id}/update`],
        ["DELETE", `${things}/{id}`],
      ] as const,
  ),
];

const listing = { query: { filters: filters("capability enable") } } as const;

const notYet: Answers = { 501: "Not supported yet" };

/** For nothing but a newer brig. */
const later: readonly (readonly [Route["method"], path: string, summary: string, complaint: string])[] = [
  ["GET", "/images/search", "Search for images", "cannot search: registries are not supported yet"],
  ["GET", "/distribution/{name...}", "Ask a registry", "cannot ask: registries are not supported yet"],
  ["POST", "/images/{name...}/push", "Push an image", "cannot push: registries are not supported yet"],
  ["POST", "/build", "Build an image", "cannot build: images are not built yet"],
  ["POST", "/build/cancel", "Cancel a build", "cannot cancel a build: images are not built yet"],
  ["POST", "/session", "Talk with the builder", "cannot open a session: images are not built yet"],
  ["POST", "/grpc", "Talk with the builder", "cannot talk with the builder: images are not built yet"],
  ["POST", "/commit", "Make an image of a container", "cannot commit: it is not supported yet"],
];

export const absent: readonly Route[] = [
  ...swarm.map(([method, path]) => absentRoute(method, path, noManager)),
  absentRoute("POST", "/swarm/leave", "This node is not part of a swarm"),
  route({
    method: "GET",
    path: "/plugins",
    summary: "List plugins: there are none",
    asked: listing,
    answers: { 200: document("No plugins") },
    shows: "state",
    answer: () => json([]),
  }),
  ...["GET", "POST", "DELETE"].map((method) =>
    route({
      method: method as Route["method"],
      path: "/plugins/{name...}",
      summary: "Inspect, change or remove a plugin: there is none",
      answers: { 404: "There is no such plugin" },
      answer: noPlugin,
    }),
  ),
  ...later.map(([method, path, summary, complaint]) =>
    route({
      method,
      path,
      summary,
      answers: notYet,
      answer() {
        throw new BrigError("unsupported", complaint);
      },
    }),
  ),
];

function noPlugin(call: Call): never {
  const name = call.parameter("name").replace(/\/(?:json|enable|disable|push|upgrade|set)$/, "");
  throw new BrigError("not-found", `plugin "${name}" not found`, { code: "no-such-plugin" });
}

function absentRoute(method: Route["method"], path: string, complaint: string): Route {
  return route({
    method,
    path,
    summary: "Not part of a swarm",
    answers: { 503: "Not part of a swarm" },
    ...(method === "GET" && !path.includes("{") && path !== "/swarm/unlockkey" ? { shows: "state" } : {}),
    answer() {
      throw new BrigError("unavailable", complaint, { code: "no-swarm" });
    },
  });
}
