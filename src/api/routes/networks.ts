/** Networks (Engine API, "Networks"): those that are always there. */

import { networkFilter } from "../../docker/filter/network.ts";
import { networkInfoJson } from "../../docker/inspect/network.ts";
import type { Call } from "../call.ts";
import { type Answer, json } from "../http/answer.ts";
import type { Route } from "../route.ts";

export const networks: readonly Route[] = [
  { method: "GET", path: "/networks", summary: "List networks", answer: list },
  { method: "GET", path: "/networks/{id}", summary: "Inspect a network", answer: inspect },
];

async function list(call: Call): Promise<Answer> {
  const holds = networkFilter(call.filters());
  const found = (await call.engine.networks()).filter(holds);
  return json(found.map((network) => ({ ...networkInfoJson(network), Containers: {} })));
}

async function inspect(call: Call): Promise<Answer> {
  return json(networkInfoJson(await call.engine.inspectNetwork(call.parameter("id"))));
}
