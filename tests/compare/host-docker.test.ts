/**
 * The same lines typed at `brig --host` and at Docker's client, each of which speaks to a dockerd of Debian's own: brig's
 * command line as a client of Docker. Differences are in host-differences.ts.
 */

import { after, before } from "node:test";
import { brigEngine } from "../../bench/engines.ts";
import { type Isolation, isolate, startDocker } from "../fixtures/peers.ts";
import { apiScript } from "./api-script.ts";
import { hostDockerDifferences } from "./host-differences.ts";
import { compareLines, prepareSides, type Side } from "./sides.ts";

const places: Partial<Record<Side, Isolation>> = {};
const both = () => places as Record<Side, Isolation>;

before(async () => {
  places.brig = await isolate();
  places.docker = await isolate();
  const [first, second] = [await startDocker(places.brig), await startDocker(places.docker)];
  const [brig] = brigEngine(places.brig.folder).command;
  await prepareSides(both(), {
    brig: [brig!, "--host", first.command.at(-1)!],
    docker: ["env", "DOCKER_API_VERSION=1.41", "docker", "--host", second.command.at(-1)!],
  });
});
after(async () => {
  for (const place of Object.values(places)) await place[Symbol.asyncDispose]();
});

compareLines(apiScript, hostDockerDifferences, both);
