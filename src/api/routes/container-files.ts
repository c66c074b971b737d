/** Files of containers as archives (Engine API, "Containers"). */

import type { Call } from "../call.ts";
import { type Answer, empty } from "../http/answer.ts";
import type { Route } from "../route.ts";

export const containerFiles: readonly Route[] = [
  {
    method: "HEAD",
    path: "/containers/{name}/archive",
    summary: "Tell of a file of a container",
    answer: stat,
  },
  { method: "GET", path: "/containers/{name}/archive", summary: "Get files of a container", answer: get },
  { method: "PUT", path: "/containers/{name}/archive", summary: "Put files into a container", answer: put },
  {
    method: "GET",
    path: "/containers/{name}/export",
    summary: "Export a container's root",
    answer: exported,
  },
];

async function stat(call: Call): Promise<Answer> {
  return { kind: "empty", status: 200, headers: await statHeader(call) };
}

async function get(call: Call): Promise<Answer> {
  const headers = await statHeader(call);
  const pieces = call.engine.archiveOut(call.parameter("name"), { path: pathOf(call) });
  return { kind: "stream", type: "application/x-tar", pieces, headers };
}

async function put(call: Call): Promise<Answer> {
  await call.engine.archiveIn(call.parameter("name"), pathOf(call), call.bytes());
  return empty(200);
}

async function exported(call: Call): Promise<Answer> {
  const { id } = await call.engine.inspect(call.parameter("name"));
  return { kind: "stream", type: "application/x-tar", pieces: call.engine.export(id) };
}

function pathOf(call: Call): string {
  return call.text("path") || "/";
}

/** In base64: JSON of what Go's os.FileInfo tells. */
async function statHeader(call: Call) {
  const found = await call.engine.statFile(call.parameter("name"), pathOf(call));
  const { name, size, mode, modified, linkTarget } = found;
  const json = { name, size, mode, mtime: new Date(modified).toISOString(), linkTarget };
  return { "X-Docker-Container-Path-Stat": Buffer.from(JSON.stringify(json)).toString("base64") };
}
