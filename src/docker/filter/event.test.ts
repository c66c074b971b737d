import assert from "node:assert/strict";
import { test } from "node:test";
import type { EngineEvent } from "../../engine/events/feed.ts";
import { eventFilter } from "./event.ts";

const happened = (
  id: number,
  type: string,
  action: string,
  subject: string,
  attributes: Record<string, string> = {},
): EngineEvent => ({ id, time: id, type, action, subject, attributes });

const web = { image: "busybox:1", name: "web", owner: "ops", tier: "" };

const all = [
  happened(1, "image", "tag", "sha256:abcd", { name: "busybox:1" }),
  happened(2, "volume", "create", "data", { driver: "local" }),
  happened(3, "container", "create", "0123abcd", web),
  happened(4, "network", "connect", "f00d", { container: "0123abcd", name: "bridge", type: "bridge" }),
  happened(5, "container", "exec_create: sh -c true", "0123abcd", { ...web, execID: "1" }),
  happened(6, "container", "exec_die", "0123abcd", { ...web, execID: "1", exitCode: "0" }),
  happened(7, "container", "die", "4567", { image: "other", name: "db", exitCode: "1" }),
  happened(8, "container", "prune", "", { reclaimed: "0" }),
];

/** Filters, and the events for which they hold. */
const facts: readonly (readonly [Record<string, string[]>, string])[] = [
  [{}, "1 2 3 4 5 6 7 8"],
  [{ type: ["volume", "image"] }, "1 2"],
  [{ event: ["die"] }, "7"],
  [{ event: ["exec_create"] }, "5"],
  [{ event: ["exec"] }, ""],
  [{ event: ["create", "die"] }, "2 3 7"],
  [{ container: ["web"] }, "3 5 6"],
  [{ container: ["0123"] }, "3 5 6"],
  [{ container: ["we"] }, "3 5 6"],
  [{ container: ["nosuch", "db"] }, "7"],
  [{ image: ["busybox"] }, "1 3 5 6"],
  [{ image: ["busybox:1"] }, "1 3 5 6"],
  [{ image: ["busybox:2"] }, ""],
  [{ image: ["sha256:abcd"] }, "1"],
  [{ volume: ["data"] }, "2"],
  [{ network: ["bridge"] }, "4"],
  [{ network: ["f00d"] }, "4"],
  [{ label: ["owner=ops", "tier"] }, "3 5 6"],
  [{ label: ["owner=ops", "nosuch"] }, ""],
  [{ scope: ["local"] }, "1 2 3 4 5 6 7 8"],
  [{ scope: ["swarm"] }, ""],
  [{ daemon: ["x"] }, ""],
  [{ node: ["x"] }, ""],
  [{ event: ["create"], type: ["container"] }, "3"],
];

test("values of one filter are alternatives, and all filters must hold", () => {
  for (const [filters, expected] of facts) {
    const found = all.filter(eventFilter(filters)).map(({ id }) => id);
    assert.equal(found.join(" "), expected, JSON.stringify(filters));
  }
});
