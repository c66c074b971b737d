/** Volumes (Engine API, "Volumes"). */

import { present } from "../../base/present.ts";
import { volumeJson } from "../../docker/inspect/volume.ts";
import { kernelText, text } from "../../spec/schema/scalars.ts";
import { looseObject, omitEmpty, optional, record } from "../../spec/schema/schema.ts";
import { document } from "../answers.ts";
import type { Call } from "../call.ts";
import { type Answer, empty, json } from "../http/answer.ts";
import { filters, flag } from "../parameter.ts";
import { type Route, route } from "../route.ts";

const listing = { query: { filters: filters("dangling driver label name") } } as const;
const removing = { query: { force: flag("Also when there is none") } } as const;
const creation = {
  body: looseObject({
    Name: omitEmpty(kernelText),
    Driver: omitEmpty(text),
    DriverOpts: optional(record(kernelText)),
    Labels: optional(record(text)),
  }),
} as const;
const noVolume = { 404: "There is no such volume" } as const;

export const volumes: readonly Route[] = [
  route({
    method: "GET",
    path: "/volumes",
    summary: "List volumes",
    asked: listing,
    answers: { 200: document("Volumes") },
    shows: "state",
    answer: list,
  }),
  route({
    method: "POST",
    path: "/volumes/create",
    summary: "Create a volume",
    asked: creation,
    answers: {
      201: document("The volume, which may have been there"),
      409: "One with other options is there",
    },
    answer: create,
  }),
  route({
    method: "GET",
    path: "/volumes/{name}",
    summary: "Inspect a volume",
    answers: { 200: document("The volume"), ...noVolume },
    shows: "state",
    answer: inspect,
  }),
  route({
    method: "DELETE",
    path: "/volumes/{name}",
    summary: "Remove a volume",
    asked: removing,
    answers: { 204: "It is gone", ...noVolume, 409: "A container has it" },
    answer: remove,
  }),
];

async function list(call: Call<typeof listing>): Promise<Answer> {
  return json({ Volumes: await call.documents.volumes(call.query.filters), Warnings: null });
}

async function create(call: Call<typeof creation>): Promise<Answer> {
  const body = await call.body();
  const request = present({
    name: body.Name,
    driver: body.Driver,
    options: body.DriverOpts,
    labels: body.Labels,
  });
  return json(volumeJson(await call.engine.createVolume(request)), 201);
}

async function inspect(call: Call): Promise<Answer> {
  return json(await call.documents.volume(call.parameter("name")));
}

async function remove(call: Call<typeof removing>): Promise<Answer> {
  const name = call.parameter("name");
  const missing = call.query.force && !(await call.engine.volumes()).some((volume) => volume.name === name);
  if (!missing) await call.engine.removeVolume(name);
  return empty();
}
