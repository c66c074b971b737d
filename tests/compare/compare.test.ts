/**
 * The same lines of a shell to brig and to Debian's docker: exit code, stdout and the shape of stderr are the same,
 * except where differences.ts says why not; and what is listed there must differ.
 */

import { after, before } from "node:test";
import { brigEngine, cgroupOf } from "../../bench/engines.ts";
import { type Isolation, isolate, startDocker } from "../fixtures/peers.ts";
import { differences } from "./differences.ts";
import { script } from "./script.ts";
import { compareLines, type Places, prepare } from "./sides.ts";

let isolation: Isolation;
let places: Places;

before(async () => {
  isolation = await isolate((work) => [cgroupOf(work)]);
  const { command } = await startDocker(isolation);
  places = {
    docker: { isolation, command, port: 25080 },
    brig: { isolation, command: brigEngine(isolation.folder).command, port: 15080 },
  };
  await prepare(places);
});
after(async () => {
  await isolation?.[Symbol.asyncDispose]();
});

compareLines(script, [{ name: "brig", differences }], () => places);
