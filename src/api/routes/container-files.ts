/** Files of containers as archives (Engine API, "Containers"). */

import { BrigError } from "../../base/errors.ts";
import { archive, noContainer, stream } from "../answers.ts";
import type { Call } from "../call.ts";
import { type Answer, empty } from "../http/answer.ts";
import { text } from "../parameter.ts";
import { type Route, route } from "../route.ts";

const place = { query: { path: text("A path in the container") } } as const;
const placed = { ...place, body: { bytes: "application/x-tar" } } as const;
const unknown = { 404: "There is no such container, or no such path in it" } as const;

export const containerFiles: readonly Route[] = [
  route({
    method: "HEAD",
    path: "/containers/{name}/archive",
    summary: "Tell of a file of a container",
    asked: place,
    answers: { 200: "The header X-Docker-Container-Path-Stat tells, in base64 of JSON", ...unknown },
    answer: stat,
  }),
  route({
    method: "GET",
    path: "/containers/{name}/archive",
    summary: "Get files of a container",
    asked: place,
    answers: { 200: archive("The file, or the folder with all that is in it"), ...unknown },
    answer: get,
  }),
  route({
    method: "PUT",
    path: "/containers/{name}/archive",
    summary: "Put files into a container",
    asked: placed,
    answers: { 200: "All of the archive has been extracted", ...unknown },
    answer: put,
  }),
  route({
    method: "GET",
    path: "/containers/{name}/export",
    summary: "Export a container's root",
    answers: { 200: stream("All files of the container, as an archive"), ...noContainer },
    answer: exported,
  }),
];

async function stat(call: Call<typeof place>): Promise<Answer> {
  return { kind: "empty", status: 200, headers: await statHeader(call) };
}

async function get(call: Call<typeof place>): Promise<Answer> {
  const headers = await statHeader(call);
  const pieces = call.engine.archiveOut(call.parameter("name"), { path: pathOf(call) });
  return { kind: "stream", type: "application/x-tar", pieces, headers };
}

async function put(call: Call<typeof placed>): Promise<Answer> {
  await call.engine.archiveIn(call.parameter("name"), pathOf(call), call.bytes());
  return empty(200);
}

async function exported(call: Call): Promise<Answer> {
  const { id } = await call.engine.inspect(call.parameter("name"));
  return { kind: "stream", type: "application/octet-stream", pieces: call.engine.export(id) };
}

/** None is no place: whoever forgot it would get, or overwrite, the whole root. */
function pathOf({ query: { path } }: Call<typeof place>): string {
  if (path === "") throw new BrigError("invalid", "bad parameter: path cannot be empty");
  return path;
}

/** In base64: JSON of what Go's os.FileInfo tells. */
async function statHeader(call: Call<typeof place>) {
  const found = await call.engine.statFile(call.parameter("name"), pathOf(call));
  const { name, size, mode, modified, linkTarget } = found;
  const json = { name, size, mode, mtime: new Date(modified).toISOString(), linkTarget };
  return { "X-Docker-Container-Path-Stat": Buffer.from(JSON.stringify(json)).toString("base64") };
}
