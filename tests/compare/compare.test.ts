/**
 * The same lines of a shell to brig and to Debian's docker: exit code, stdout and the shape of stderr are the same,
 * except where differences.ts says why not; and what is listed there must differ.
 */

import { after, before } from "node:test";
import { brigEngine, cgroupOf } from "../../bench/engines.ts";
import { type Isolation, isolate, startDocker } from "../fixtures/peers.ts";
import { differences } from "./differences.ts";
import { script } from "./script.ts";
import { compareLines, prepareSides } from "./sides.ts";

let isolation: Isolation;

before(async () => {
  isolation = await isolate((work) => [cgroupOf(work)]);
  const docker = await startDocker(isolation);
  await prepareSides(isolation, { brig: brigEngine(isolation.folder).command, docker: docker.command });
});
after(async () => {
  await isolation?.[Symbol.asyncDispose]();
});

compareLines(script, differences, () => isolation);
