/** Containers: made, started, changed, stopped, removed (Engine API, "Containers"). */

import { BrigError } from "../../base/errors.ts";
import { present } from "../../base/present.ts";
import { parseSignal } from "../../base/signals.ts";
import { containerBody, resourceFields, restartBody } from "../../docker/request/container-body.ts";
import { containerSpecOf } from "../../docker/request/container-spec.ts";
import { resourcesOf } from "../../docker/request/resources.ts";
import { restartOf } from "../../docker/request/restart.ts";
import { looseObject, optional } from "../../spec/schema/schema.ts";
import type { Call } from "../call.ts";
import { empty, json } from "../http/answer.ts";
import type { Route } from "../route.ts";

export const containerLife: readonly Route[] = [
  { method: "POST", path: "/containers/create", summary: "Create a container", answer: create },
  { method: "POST", path: "/containers/{name}/start", summary: "Start a container", answer: start },
  { method: "POST", path: "/containers/{name}/stop", summary: "Stop a container", answer: stop },
  { method: "POST", path: "/containers/{name}/restart", summary: "Restart a container", answer: restart },
  { method: "POST", path: "/containers/{name}/kill", summary: "Send a signal to a container", answer: kill },
  { method: "POST", path: "/containers/{name}/pause", summary: "Pause a container", answer: pause },
  { method: "POST", path: "/containers/{name}/unpause", summary: "Unpause a container", answer: unpause },
  { method: "POST", path: "/containers/{name}/rename", summary: "Rename a container", answer: rename },
  {
    method: "POST",
    path: "/containers/{name}/update",
    summary: "Change limits of a container",
    answer: update,
  },
  {
    method: "POST",
    path: "/containers/{name}/resize",
    summary: "Resize a container's terminal",
    answer: resize,
  },
  { method: "DELETE", path: "/containers/{name}", summary: "Remove a container", answer: remove },
];

async function create(call: Call) {
  const body = await call.body(containerBody);
  const spec = containerSpecOf(body, call.query.get("name") ?? undefined);
  const { result, warnings } = await call.service.warned(() => call.engine.create(spec));
  return json({ Id: result.id, Warnings: warnings }, 201);
}

async function start(call: Call) {
  await call.service.attachments.start(call.parameter("name"));
  return empty();
}

async function stop(call: Call) {
  const container = await call.engine.inspect(call.parameter("name"));
  if (container.state !== "running" && container.state !== "paused") return empty(304);
  await call.engine.stop(container.id, stopOptions(call));
  return empty();
}

async function restart(call: Call) {
  await call.engine.restart(call.parameter("name"), stopOptions(call));
  return empty();
}

function stopOptions(call: Call) {
  const signal = call.text("signal");
  return present({
    seconds: call.integer("t"),
    signal: signal === "" ? undefined : parseSignal(signal),
  });
}

async function kill(call: Call) {
  await call.engine.kill(call.parameter("name"), parseSignal(call.text("signal") || "SIGKILL"));
  return empty();
}

async function pause(call: Call) {
  await call.engine.pause(call.parameter("name"));
  return empty();
}

async function unpause(call: Call) {
  await call.engine.unpause(call.parameter("name"));
  return empty();
}

async function rename(call: Call) {
  await call.engine.rename(call.parameter("name"), call.text("name"));
  return empty();
}

const updateBody = looseObject({ ...resourceFields, RestartPolicy: optional(restartBody) });

async function update(call: Call) {
  const body = await call.body(updateBody);
  const restart =
    body.RestartPolicy?.Name === undefined ? undefined : (restartOf(body.RestartPolicy) ?? noRestart);
  const change = present({ resources: resourcesOf(body), restart });
  const warnings = await call.engine.update(call.parameter("name"), change);
  return json({ Warnings: warnings.length > 0 ? warnings : null });
}

const noRestart = { name: "no", maximumRetryCount: 0 } as const;

async function resize(call: Call) {
  const { rows, columns } = sizeOf(call);
  await call.engine.resize(call.parameter("name"), rows, columns);
  return empty(200);
}

/** `h` and `w` of a resize. */
export function sizeOf(call: Call): { readonly rows: number; readonly columns: number } {
  const [rows, columns] = [call.integer("h"), call.integer("w")];
  if (
    rows === undefined ||
    columns === undefined ||
    rows < 0 ||
    columns < 0 ||
    rows > 0xffff ||
    columns > 0xffff
  )
    throw new BrigError("invalid", "cannot resize the terminal: h and w must be from 0 to 65535");
  return { rows, columns };
}

async function remove(call: Call) {
  if (call.flag("link"))
    throw new BrigError("unsupported", "cannot remove the link: brig has no links between containers");
  await call.engine.remove(call.parameter("name"), { force: call.flag("force"), volumes: call.flag("v") });
  return empty();
}
