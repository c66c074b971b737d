/**
 * The same lines typed at `brig --host`, which speaks to brig's service, and at Debian's docker: what is printed is the
 * same, except where host-differences.ts says why not.
 */

import { after, before } from "node:test";
import { brigEngine, cgroupOf } from "../../bench/engines.ts";
import { type Isolation, isolate, startDocker } from "../fixtures/peers.ts";
import { apiScript } from "./api-script.ts";
import { startService } from "./brig-service.ts";
import { hostDifferences } from "./host-differences.ts";
import { compareLines, prepareSides } from "./sides.ts";

let isolation: Isolation;

before(async () => {
  isolation = await isolate((work) => [cgroupOf(work)]);
  const docker = await startDocker(isolation);
  const socket = await startService(isolation);
  const [brig] = brigEngine(isolation.folder).command;
  await prepareSides(isolation, {
    brig: [brig!, "--host", `unix://${socket}`],
    docker: ["env", "DOCKER_API_VERSION=1.41", "docker", "--host", docker.command.at(-1)!],
  });
});
after(async () => {
  await isolation?.[Symbol.asyncDispose]();
});

compareLines(apiScript, hostDifferences, () => isolation);
