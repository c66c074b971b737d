/** What needs a swarm, where there is none, and plugins, of which there are none. */

import type { Chapter, Line } from "../step.ts";

/** Each is asked as it is meant, with more, and in a version that there is not. */
const thrice = (ask: string, json?: object): readonly Line[] => [
  { ask, ...(json && { json }) },
  { ask: `${ask}${ask.includes("?") ? "&" : "?"}force=1`, ...(json && { json }) },
  { ask, version: "1.999", ...(json && { json }) },
];

const named = { Name: "a" };

export const swarmChapters: readonly Chapter[] = [
  {
    title: "no swarm",
    lines: [
      ...["/swarm", "/swarm/unlockkey", "/nodes", "/services", "/tasks", "/secrets", "/configs"].flatMap(
        (path) => thrice(`GET ${path}`),
      ),
      ...["nodes", "services", "tasks", "secrets", "configs"].flatMap((things) => [
        ...thrice(`GET /${things}/nosuch`),
        `GET /${things}?filters=%7B`,
      ]),
      ...["nodes", "services", "secrets", "configs"].flatMap((things) => [
        ...thrice(`DELETE /${things}/nosuch`),
        ...thrice(`POST /${things}/nosuch/update?version=1`, named),
      ]),
      ...["services", "secrets", "configs"].flatMap((things) => thrice(`POST /${things}/create`, named)),
      ...["services", "tasks"].flatMap((things) => thrice(`GET /${things}/nosuch/logs?stdout=1`)),
      ...thrice("POST /swarm/leave"),
      ...thrice("POST /swarm/update?version=1", {}),
      ...thrice("POST /swarm/unlock", { UnlockKey: "a" }),
      ...thrice("POST /swarm/join", { RemoteAddrs: [], JoinToken: "a" }),
      // Not as it is meant: Docker would begin a swarm.
      { ask: "POST /swarm/init", body: "{" },
      { ask: "POST /swarm/init", json: [] },
      { ask: "POST /swarm/init", json: {}, version: "1.999" },
      "GET /swarm/nosuch",
      "POST /tasks/create",
      "DELETE /swarm",
    ],
  },
  {
    title: "no plugins",
    lines: ["GET /plugins", "GET /plugins?filters=%7B", { ask: "GET /plugins", version: "1.999" }],
  },
];
