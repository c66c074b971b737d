/** Containers: made, started, changed, stopped, removed (Engine API, "Containers"). */

import { BrigError } from "../../base/errors.ts";
import { present } from "../../base/present.ts";
import { parseSignal } from "../../base/signals.ts";
import { containerBody, resourceFields, restartBody } from "../../docker/request/container-body.ts";
import { containerSpecOf } from "../../docker/request/container-spec.ts";
import { resourcesOf } from "../../docker/request/resources.ts";
import { restartOf } from "../../docker/request/restart.ts";
import type { ImageDetails } from "../../engine/image/list.ts";
import { text as string } from "../../spec/schema/scalars.ts";
import { list, looseObject, object, optional } from "../../spec/schema/schema.ts";
import { document, noContainer } from "../answers.ts";
import type { Call } from "../call.ts";
import { empty, json } from "../http/answer.ts";
import { flag, integer, text } from "../parameter.ts";
import { type Route, route } from "../route.ts";

const creation = {
  query: { name: text("Its name"), platform: text("For which platform the image has to be") },
  body: containerBody,
} as const;
const made = object({ Id: string, Warnings: list(string) });

const starting = { query: { detachKeys: text("Keys that end an attachment") } } as const;
const stopping = {
  query: {
    t: integer("Seconds until it is killed; -1 is never"),
    signal: text("What asks it to end"),
  },
} as const;
const killing = { query: { signal: text("SIGKILL, or another name or number") } } as const;
const renaming = { query: { name: text("Its new name") } } as const;

const changing = { body: looseObject({ ...resourceFields, RestartPolicy: optional(restartBody) }) } as const;
const warned = object({ Warnings: optional(list(string)) });

export const sizing = { query: { h: integer("Rows"), w: integer("Columns") } } as const;

const removing = {
  query: {
    v: flag("Its anonymous volumes, too"),
    force: flag("Also when it runs"),
    link: flag("A link alone: there are none"),
  },
} as const;

export const containerLife: readonly Route[] = [
  route({
    method: "POST",
    path: "/containers/create",
    summary: "Create a container",
    asked: creation,
    answers: {
      201: document("The container", made),
      404: "There is no such image",
      409: "The name is taken",
    },
    answer: create,
  }),
  route({
    method: "POST",
    path: "/containers/{name}/start",
    summary: "Start a container",
    asked: starting,
    answers: { 204: "It runs", 304: "It ran already", ...noContainer, 409: "It cannot be started now" },
    answer: start,
  }),
  route({
    method: "POST",
    path: "/containers/{name}/stop",
    summary: "Stop a container",
    asked: stopping,
    answers: { 204: "It has ended", 304: "It did not run", ...noContainer },
    answer: stop,
  }),
  route({
    method: "POST",
    path: "/containers/{name}/restart",
    summary: "Restart a container",
    asked: stopping,
    answers: { 204: "It runs again", ...noContainer, 409: "It cannot be restarted now" },
    answer: restart,
  }),
  route({
    method: "POST",
    path: "/containers/{name}/kill",
    summary: "Send a signal to a container",
    asked: killing,
    answers: { 204: "It has been sent", ...noContainer, 409: "It does not run" },
    answer: kill,
  }),
  route({
    method: "POST",
    path: "/containers/{name}/pause",
    summary: "Pause a container",
    answers: { 204: "It is paused", ...noContainer, 409: "It does not run, or is paused" },
    answer: pause,
  }),
  route({
    method: "POST",
    path: "/containers/{name}/unpause",
    summary: "Unpause a container",
    answers: { 204: "It goes on", ...noContainer, 409: "It is not paused" },
    answer: unpause,
  }),
  route({
    method: "POST",
    path: "/containers/{name}/rename",
    summary: "Rename a container",
    asked: renaming,
    answers: { 204: "It has the name", ...noContainer, 409: "The name is taken" },
    answer: rename,
  }),
  route({
    method: "POST",
    path: "/containers/{name}/update",
    summary: "Change limits of a container",
    asked: changing,
    answers: { 200: document("They hold", warned), ...noContainer, 409: "It cannot be changed now" },
    answer: update,
  }),
  route({
    method: "POST",
    path: "/containers/{name}/resize",
    summary: "Resize a container's terminal",
    asked: sizing,
    answers: { 200: "It has the size", ...noContainer, 409: "It does not run, or has no terminal" },
    answer: resize,
  }),
  route({
    method: "DELETE",
    path: "/containers/{name}",
    summary: "Remove a container",
    asked: removing,
    answers: { 204: "It is gone", ...noContainer, 409: "It runs, or is being removed" },
    answer: remove,
  }),
];

async function create(call: Call<typeof creation>) {
  const body = await call.body();
  const spec = containerSpecOf(body, call.query.name);
  if (call.query.platform !== "")
    checkPlatform(await call.engine.inspectImage(spec.image), spec.image, call.query.platform);
  const { result, warnings } = await call.service.warned(() => call.engine.create(spec));
  return json({ Id: result.id, Warnings: warnings }, 201);
}

/** Images are for one platform each here; a variant that the image does not name is any. */
function checkPlatform({ config }: ImageDetails, image: string, wanted: string): void {
  const { os = "linux", architecture = "", variant } = config;
  const [wantedOs = "", wantedArchitecture = architecture, wantedVariant = variant] = wanted.split("/");
  if (wantedOs === os && wantedArchitecture === architecture && wantedVariant === variant) return;
  const actual = [os, architecture, ...(variant === undefined ? [] : [variant])].join("/");
  throw new BrigError(
    "not-found",
    `image with reference ${image} was found but does not match the specified platform: wanted ${wanted}, actual: ${actual}`,
    { code: "no-such-platform" },
  );
}

async function start(call: Call<typeof starting>) {
  // Old clients sent a host config here, which would be passed over.
  if (Number(call.header("content-length") ?? 0) > 7 || call.header("transfer-encoding") !== undefined)
    throw new BrigError(
      "invalid",
      "starting container with non-empty request body was deprecated since API v1.22 and removed in v1.24",
    );
  await call.service.attachments.start(call.parameter("name"));
  return empty();
}

async function stop(call: Call<typeof stopping>) {
  const container = await call.engine.inspect(call.parameter("name"));
  if (container.state !== "running" && container.state !== "paused") return empty(304);
  await call.engine.stop(container.id, stopOptions(call));
  return empty();
}

async function restart(call: Call<typeof stopping>) {
  await call.engine.restart(call.parameter("name"), stopOptions(call));
  return empty();
}

function stopOptions({ query: { t: seconds, signal } }: Call<typeof stopping>) {
  return present({ seconds, signal: signal === "" ? undefined : parseSignal(signal) });
}

async function kill(call: Call<typeof killing>) {
  await call.engine.kill(call.parameter("name"), parseSignal(call.query.signal || "SIGKILL"));
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

async function rename(call: Call<typeof renaming>) {
  await call.engine.rename(call.parameter("name"), call.query.name);
  return empty();
}

async function update(call: Call<typeof changing>) {
  const body = await call.body();
  const restart =
    body.RestartPolicy?.Name === undefined ? undefined : (restartOf(body.RestartPolicy) ?? noRestart);
  const change = present({ resources: resourcesOf(body), restart });
  const warnings = await call.engine.update(call.parameter("name"), change);
  return json({ Warnings: warnings.length > 0 ? warnings : null });
}

const noRestart = { name: "no", maximumRetryCount: 0 } as const;

async function resize(call: Call<typeof sizing>) {
  const { rows, columns } = sizeOf(call);
  const { id, spec, state } = await call.engine.inspect(call.parameter("name"));
  // As by Docker, who has no terminal has any size.
  if (spec.terminal || state !== "running") await call.engine.resize(id, rows, columns);
  return empty(200);
}

/** `h` and `w` of a resize. */
export function sizeOf({ query: { h: rows, w: columns } }: Call<typeof sizing>): {
  readonly rows: number;
  readonly columns: number;
} {
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

async function remove(call: Call<typeof removing>) {
  const { v: volumes, force, link } = call.query;
  if (link)
    throw new BrigError("unsupported", "cannot remove the link: brig has no links between containers");
  await call.engine.remove(call.parameter("name"), { force, volumes });
  return empty();
}
