/** Containers: lists, inspection, processes (Engine API, "Containers"). */

import { asOf } from "../../docker/inspect/earlier.ts";
import { document, noContainer } from "../answers.ts";
import type { Call } from "../call.ts";
import { json } from "../http/answer.ts";
import { filters, flag, integer, text } from "../parameter.ts";
import { type Route, route } from "../route.ts";

const listing = {
  query: {
    all: flag("Also those that do not run"),
    limit: integer("The newest so many, also those that do not run"),
    size: flag("What they have written"),
    filters: filters(
      "ancestor before exited expose health id is-task isolation label name network publish since status volume",
    ),
  },
} as const;
const sized = { query: { size: flag("What it has written") } } as const;
const topping = { query: { ps_args: text("Options of ps; -ef") } } as const;

export const containerLists: readonly Route[] = [
  route({
    method: "GET",
    path: "/containers/json",
    summary: "List containers",
    asked: listing,
    answers: {
      200: document("Containers, the newest first"),
      404: "A container that a filter names is not there",
    },
    shows: "state",
    answer: list,
  }),
  route({
    method: "GET",
    path: "/containers/{name}/json",
    summary: "Inspect a container",
    asked: sized,
    answers: { 200: document("The container"), ...noContainer },
    shows: "state",
    answer: inspect,
  }),
  route({
    method: "GET",
    path: "/containers/{name}/top",
    summary: "List processes of a container",
    asked: topping,
    answers: { 200: document("The table that ps prints"), ...noContainer, 409: "It does not run" },
    answer: top,
  }),
  route({
    method: "GET",
    path: "/containers/{name}/changes",
    summary: "List what a container has changed",
    answers: { 200: document("Paths and kinds of changes"), ...noContainer },
    answer: changes,
  }),
];

async function list(call: Call<typeof listing>) {
  const { all, limit, size, filters } = call.query;
  const found = await call.documents.containers({ all, limit: limit ?? 0, size, filters });
  return json(found.map((container) => asOf("container in a list", call.version.minor, container)));
}

async function inspect(call: Call<typeof sized>) {
  const found = await call.documents.container(call.parameter("name"), { size: call.query.size });
  return json(asOf("container", call.version.minor, found));
}

async function top(call: Call<typeof topping>) {
  const options = (call.query.ps_args || "-ef").split(/\s+/);
  const { titles, processes } = await call.engine.top(call.parameter("name"), options);
  return json({ Titles: titles, Processes: processes });
}

const kinds = { modified: 0, added: 1, deleted: 2 } as const;

async function changes(call: Call) {
  const found = await call.engine.changes(call.parameter("name"));
  const shown = found.map(({ kind, path }) => ({
    // Paths are bytes; JSON is text.
    Path: Buffer.from(path, "latin1").toString("utf8"),
    Kind: kinds[kind],
  }));
  return json(shown.length === 0 ? null : shown);
}
