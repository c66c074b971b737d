/**
 * The same lines typed at the docker client, which speaks to brig's service and to Debian's dockerd: what it prints is
 * the same, except where api-differences.ts says why not. Debian's dockerd ends with version 1.41 of the API.
 */

import { after, before } from "node:test";
import { cgroupOf } from "../../bench/engines.ts";
import { type Isolation, isolate, startDocker } from "../fixtures/peers.ts";
import { apiDifferences } from "./api-differences.ts";
import { clientScript } from "./api-script.ts";
import { startService } from "./brig-service.ts";
import { compareLines, prepareSides } from "./sides.ts";

let isolation: Isolation;

before(async () => {
  isolation = await isolate((work) => [cgroupOf(work)]);
  const docker = await startDocker(isolation);
  const socket = await startService(isolation);
  const client = ["env", "DOCKER_API_VERSION=1.41", "docker", "--host"];
  const dockerSocket = docker.command.at(-1)!;
  await prepareSides(isolation, { brig: [...client, `unix://${socket}`], docker: [...client, dockerSocket] });
});
after(async () => {
  await isolation?.[Symbol.asyncDispose]();
});

compareLines(clientScript, apiDifferences, () => isolation);
