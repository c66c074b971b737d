/**
 * The same lines typed at Docker's own client and at `brig --host`, which speak to brig's service and to Debian's dockerd.
 * What is printed is what Docker's client prints with dockerd behind it, except where api-differences.ts and
 * host-differences.ts say why not. Debian's dockerd ends with version 1.41 of the API.
 */

import { after, before } from "node:test";
import { brigEngine, cgroupOf } from "../../bench/engines.ts";
import { type Isolation, isolate, startDocker } from "../fixtures/peers.ts";
import { apiDifferences } from "./api-differences.ts";
import { apiScript, clientScript } from "./api-script.ts";
import { startService } from "./brig-service.ts";
import { hostDifferences, hostDockerDifferences } from "./host-differences.ts";
import { compareLines, type Places, prepare } from "./sides.ts";

const isolations: Isolation[] = [];
let places: Places;

before(async () => {
  // Two engines of a kind would be in each other's way.
  for (let i = 0; i < 2; i++) isolations.push(await isolate((work) => [cgroupOf(work)]));
  const [one, other] = isolations as [Isolation, Isolation];
  const [dockerd, another] = [await startDocker(one), await startDocker(other)];
  const [service, second] = [await startService(one), await startService(other)];
  const client = ["env", "DOCKER_API_VERSION=1.41", "docker", "--host"];
  const [brig] = brigEngine(one.folder).command;
  places = {
    docker: { isolation: one, command: [...client, dockerd.command.at(-1)!], port: 25080 },
    "brig's service": { isolation: one, command: [...client, `unix://${service}`], port: 15080 },
    "brig --host": { isolation: other, command: [brig!, "--host", `unix://${second}`], port: 15080 },
    "brig --host dockerd": {
      isolation: other,
      command: [brig!, "--host", another.command.at(-1)!],
      port: 25080,
    },
  };
  await prepare(places);
});
after(async () => {
  await Promise.all(isolations.map((isolation) => isolation[Symbol.asyncDispose]()));
});

compareLines(
  apiScript,
  [
    { name: "brig's service", differences: apiDifferences },
    { name: "brig --host", differences: hostDifferences },
    { name: "brig --host dockerd", differences: hostDockerDifferences },
  ],
  () => places,
);
compareLines(clientScript, [{ name: "brig's service", differences: [] }], () => places);
