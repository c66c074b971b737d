/** Networks (Engine API, "Networks"): those that are always there. */

import { BrigError } from "../../base/errors.ts";
import { asOf } from "../../docker/inspect/earlier.ts";
import { document } from "../answers.ts";
import type { Call } from "../call.ts";
import { type Answer, json } from "../http/answer.ts";
import { filters, flag, text } from "../parameter.ts";
import { type Route, route } from "../route.ts";

const listing = { query: { filters: filters("dangling driver id label name scope type") } } as const;
const inspecting = {
  query: { verbose: flag("Services, too: there are none"), scope: text("Where it is: local") },
} as const;

export const networks: readonly Route[] = [
  route({
    method: "GET",
    path: "/networks",
    summary: "List networks",
    asked: listing,
    answers: { 200: document("Networks") },
    shows: "state",
    answer: list,
  }),
  route({
    method: "GET",
    path: "/networks/{id}",
    summary: "Inspect a network",
    asked: inspecting,
    answers: { 200: document("The network"), 404: "There is no such network" },
    shows: "state",
    answer: inspect,
  }),
  route({
    method: "DELETE",
    path: "/networks/{id}",
    summary: "Remove a network",
    answers: { 403: "It is always there", 404: "There is no such network" },
    answer: remove,
  }),
  ...["create", "{id}/connect", "{id}/disconnect"].map((verb) =>
    route({
      method: "POST",
      path: `/networks/${verb}`,
      summary: "Change networks",
      answers: { 501: "There are none yet but those that are always there" },
      answer: unsupported,
    }),
  ),
];

/** Who is in them only inspection tells. */
async function list(call: Call<typeof listing>): Promise<Answer> {
  const found = await call.documents.networks(call.query.filters);
  return json(found.map((network) => asOf("network", call.version.minor, { ...network, Containers: {} })));
}

async function inspect(call: Call<typeof inspecting>): Promise<Answer> {
  const [name, { scope }] = [call.parameter("id"), call.query];
  if (scope !== "" && scope !== "local")
    throw new BrigError("not-found", `No such network: ${name}`, { code: "no-such-network" });
  return json(asOf("network", call.version.minor, await call.documents.network(name)));
}

/** There are none but those that are always there. */
async function remove(call: Call): Promise<Answer> {
  const { name } = await call.engine.inspectNetwork(call.parameter("id"));
  throw new BrigError("denied", `${name} is a pre-defined network and cannot be removed`);
}

function unsupported(): Answer {
  throw new BrigError("unsupported", "cannot change networks: there are none yet but bridge, host and none");
}
