/**
 * The same lines typed at the docker client, which speaks to brig's service and to Debian's dockerd: what it prints is
 * the same, except where api-differences.ts says why not. Debian's dockerd ends with version 1.41 of the API.
 */

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { after, before } from "node:test";
import { brigEngine, cgroupOf } from "../../bench/engines.ts";
import { type Isolation, isolate, startDocker, until } from "../fixtures/peers.ts";
import { apiDifferences } from "./api-differences.ts";
import { apiScript } from "./api-script.ts";
import { compareLines, prepareSides } from "./sides.ts";

let isolation: Isolation;

before(async () => {
  isolation = await isolate((work) => [cgroupOf(work)]);
  const docker = await startDocker(isolation);
  const socket = join(isolation.folder, "brig.sock");
  const [program, ...args] = [
    ...isolation.prefix,
    ...brigEngine(isolation.folder).command,
    "service",
    "-H",
    `unix://${socket}`,
  ];
  spawn(program!, args, { stdio: ["ignore", "inherit", "inherit"] });
  await until("the service did not come up", () => existsSync(socket) || undefined);
  const client = ["env", "DOCKER_API_VERSION=1.41", "docker", "--host"];
  const dockerSocket = docker.command.at(-1)!;
  await prepareSides(isolation, { brig: [...client, `unix://${socket}`], docker: [...client, dockerSocket] });
});
after(async () => {
  await isolation?.[Symbol.asyncDispose]();
});

compareLines(apiScript, apiDifferences, () => isolation);
