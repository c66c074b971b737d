/**
 * The same raw requests to brig's service and to Debian's dockerd (API 1.41): status, headers, fields and values of JSON,
 * and framing of streams are the same, except where differences.ts says why not; and what is listed there must differ.
 *
 *   COMPARE=WORDS     prints what both answer to requests with the words
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { cgroupOf } from "../../../bench/engines.ts";
import { findRoute, type Route } from "../../../src/api/route.ts";
import { routes } from "../../../src/api/routes/table.ts";
import { type Isolation, isolate } from "../../fixtures/peers.ts";
import { chapters } from "./chapters/chapters.ts";
import { differences } from "./differences.ts";
import { playChapters, type Sockets } from "./play.ts";
import { startServices } from "./services.ts";

let isolation: Isolation;
let sockets: Sockets;

before(async () => {
  isolation = await isolate((work) => [cgroupOf(work)]);
  sockets = await startServices(isolation);
});
after(async () => {
  await isolation?.[Symbol.asyncDispose]();
});

const played = playChapters(chapters, differences, () => sockets);

test("every route was asked three times at least, once for what it refuses", () => {
  const asked = Map.groupBy(played, ({ step }) => routeOf(step.ask));
  const poor = routes
    .map((route) => ({ route, answered: asked.get(route) ?? [] }))
    .filter(({ answered }) => answered.length < 3 || !answered.some(({ status }) => status >= 400))
    .map(({ route, answered }) => `${route.method} ${route.path}: ${answered.length}`);
  assert.deepEqual(poor, []);
});

function routeOf(ask: string): Route | undefined {
  const [method = "", target = ""] = ask.split(" ");
  return findRoute(routes, method, target.split("?")[0]!)?.route;
}
