/** The engine itself (Engine API, "System"). */

import { release } from "node:os";
import packageJson from "../../../package.json" with { type: "json" };
import { BrigError } from "../../base/errors.ts";
import { eventFilter } from "../../docker/filter/event.ts";
import { asOf } from "../../docker/inspect/earlier.ts";
import { eventJson } from "../../docker/inspect/event.ts";
import { instant } from "../../docker/text/moment.ts";
import { openDescriptors } from "../../kernel/procfs/self.ts";
import { runtimeSpecVersion } from "../../spec/runtime/version.ts";
import { formatJson } from "../../spec/schema/json.ts";
import { document, plain } from "../answers.ts";
import type { Call } from "../call.ts";
import { type Answer, json } from "../http/answer.ts";
import { filters, moment } from "../parameter.ts";
import { type Route, route } from "../route.ts";
import { formatVersion, newest, oldest } from "../version.ts";

const following = {
  query: {
    since: moment("From this moment on: seconds since 1970, a date, or a duration before now"),
    until: moment("Up to this moment, at which the answer ends"),
    filters: filters("container daemon event image label network scope type volume"),
  },
} as const;

export const system: readonly Route[] = [
  route({
    method: "GET",
    path: "/_ping",
    summary: "See whether the service answers",
    answers: { 200: plain("OK") },
    shows: "state",
    answer: ping,
  }),
  route({
    method: "GET",
    path: "/version",
    summary: "Versions of the engine and its parts",
    answers: { 200: document("Versions") },
    shows: "state",
    answer: version,
  }),
  route({
    method: "GET",
    path: "/info",
    summary: "What the engine has and the host can do",
    answers: { 200: document("Numbers and properties") },
    shows: "state",
    answer: info,
  }),
  route({
    method: "GET",
    path: "/events",
    summary: "Follow what happens",
    asked: following,
    answers: { 200: document("An event each") },
    shows: "state",
    answer: events,
  }),
  route({
    method: "POST",
    path: "/auth",
    summary: "Check credentials of a registry",
    answers: { 501: "Registries are not supported yet" },
    answer: auth,
  }),
];

function ping(): Answer {
  const headers = {
    "Builder-Version": "",
    Swarm: "inactive",
    "Cache-Control": "no-cache, no-store, must-revalidate",
    Pragma: "no-cache",
  };
  return { kind: "text", text: "OK", headers };
}

const architecture = process.arch === "x64" ? "amd64" : process.arch;

function version(): Answer {
  const common = {
    Version: packageJson.version,
    ApiVersion: formatVersion(newest),
    MinAPIVersion: formatVersion(oldest),
  };
  const where = { Os: "linux", Arch: architecture, KernelVersion: release() };
  const { bun, node } = process.versions;
  return json({
    Platform: { Name: "brig" },
    Components: [
      {
        Name: "Engine",
        Version: packageJson.version,
        Details: { ...common, ...where, Experimental: "false" },
      },
      { Name: "brig-oci", Version: packageJson.version, Details: { OciVersion: runtimeSpecVersion } },
      bun === undefined ? { Name: "node", Version: node } : { Name: "bun", Version: bun },
    ],
    ...common,
    GitCommit: "",
    GoVersion: "",
    ...where,
  });
}

async function info(call: Call): Promise<Answer> {
  const told = { ...(await call.documents.info()), NFd: openDescriptors() };
  return json(asOf("information", call.version.minor, told));
}

async function events(call: Call<typeof following>): Promise<Answer> {
  const now = BigInt(Date.now()) * 1_000_000n;
  const { since, until } = call.query;
  const at = (moment: typeof since) => Number(instant(moment!, now) / 1_000_000n);
  if (since && until && at(since) > at(until))
    throw new BrigError("invalid", "`since` time cannot be after `until` time");
  const holds = eventFilter(call.query.filters);
  const found = await call.engine.events({
    ...(since ? { since: at(since) } : {}),
    ...(until ? { until: at(until) } : {}),
    signal: call.gone,
  });
  const pieces = async function* () {
    for await (const event of found) if (holds(event)) yield `${formatJson(eventJson(event))}\n`;
  };
  return { kind: "stream", type: "application/json", pieces: pieces(), follows: true };
}

function auth(): Answer {
  throw new BrigError("unsupported", "cannot log in: registries are not supported yet");
}
