/** Containers: lists, inspection, processes (Engine API, "Containers"). */

import { BrigError } from "../../base/errors.ts";
import { containerFilter } from "../../docker/filter/container.ts";
import { containerJson } from "../../docker/inspect/container.ts";
import { containerSummary } from "../../docker/inspect/container-summary.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Call } from "../call.ts";
import { json } from "../http/answer.ts";
import type { Route } from "../route.ts";

export const containerLists: readonly Route[] = [
  { method: "GET", path: "/containers/json", summary: "List containers", answer: list },
  { method: "GET", path: "/containers/{name}/json", summary: "Inspect a container", answer: inspect },
  { method: "GET", path: "/containers/{name}/top", summary: "List processes of a container", answer: top },
  {
    method: "GET",
    path: "/containers/{name}/changes",
    summary: "List what a container has changed",
    answer: changes,
  },
];

async function list(call: Call) {
  const { engine } = call;
  const filters = call.filters();
  const holds = await containerFilter(filters, (reference) => engine.inspect(reference));
  const limit = call.integer("limit") ?? -1;
  const all = call.flag("all") || limit > 0 || "status" in filters;
  const found = (await engine.list({ all })).filter(holds);
  const shown = limit > 0 ? found.slice(0, limit) : found;
  const sized = call.flag("size");
  const now = Date.now();
  return json(
    await Promise.all(
      shown.map(async (container) =>
        containerSummary(container, imageConfigOf(engine, container.imageId), {
          now,
          ...(sized ? { size: await engine.size(container.id) } : {}),
        }),
      ),
    ),
  );
}

async function inspect(call: Call) {
  const { engine } = call;
  const container = await engine.inspect(call.parameter("name"));
  const executions = await engine.executions(container.id);
  const shown = {
    ...containerJson(container, imageConfigOf(engine, container.imageId)),
    ExecIDs: executions.length > 0 ? executions : null,
  };
  if (!call.flag("size")) return json(shown);
  const { written, root } = await engine.size(container.id);
  return json({ ...shown, SizeRw: written, SizeRootFs: root });
}

async function top(call: Call) {
  const options = (call.text("ps_args") || "-ef").split(/\s+/);
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

/** The image may have been removed since the container was made. */
function imageConfigOf(engine: Engine, imageId: string) {
  try {
    return engine.inspectImage(imageId).config;
  } catch (error) {
    if (error instanceof BrigError && error.kind === "not-found") return undefined;
    throw error;
  }
}
