/** Volumes (Engine API, "Volumes"). */

import { present } from "../../base/present.ts";
import { volumeFilter } from "../../docker/filter/volume.ts";
import { volumeJson } from "../../docker/inspect/volume.ts";
import { kernelText, text } from "../../spec/schema/scalars.ts";
import { looseObject, omitEmpty, optional, record } from "../../spec/schema/schema.ts";
import type { Call } from "../call.ts";
import { type Answer, empty, json } from "../http/answer.ts";
import type { Route } from "../route.ts";

export const volumes: readonly Route[] = [
  { method: "GET", path: "/volumes", summary: "List volumes", answer: list },
  { method: "POST", path: "/volumes/create", summary: "Create a volume", answer: create },
  { method: "GET", path: "/volumes/{name}", summary: "Inspect a volume", answer: inspect },
  { method: "DELETE", path: "/volumes/{name}", summary: "Remove a volume", answer: remove },
];

async function list(call: Call): Promise<Answer> {
  const holds = volumeFilter(call.filters(), await call.engine.list({ all: true }));
  const found = (await call.engine.volumes()).filter(holds);
  return json({ Volumes: found.map(volumeJson), Warnings: null });
}

const createBody = looseObject({
  Name: omitEmpty(kernelText),
  Driver: omitEmpty(text),
  DriverOpts: optional(record(kernelText)),
  Labels: optional(record(text)),
});

async function create(call: Call): Promise<Answer> {
  const body = await call.body(createBody);
  const request = present({
    name: body.Name,
    driver: body.Driver,
    options: body.DriverOpts,
    labels: body.Labels,
  });
  return json(volumeJson(await call.engine.createVolume(request)), 201);
}

async function inspect(call: Call): Promise<Answer> {
  return json(volumeJson(await call.engine.inspectVolume(call.parameter("name"))));
}

async function remove(call: Call): Promise<Answer> {
  const name = call.parameter("name");
  const missing = call.flag("force") && !(await call.engine.volumes()).some((volume) => volume.name === name);
  if (!missing) await call.engine.removeVolume(name);
  return empty();
}
