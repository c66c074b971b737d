import assert from "node:assert/strict";
import { test } from "node:test";
import { wants } from "../../engine/prune/query.ts";
import { imagePruneQuery, pruneQuery, volumePruneQuery } from "./prune.ts";

const now = Date.parse("2026-01-01T12:00:00Z");
const hour = 3_600_000;

const things = [
  { name: "old", created: now - 3 * hour, labels: { tier: "web" } },
  { name: "new", created: now - hour / 2, labels: { tier: "db", keep: "" } },
  { name: "bare", created: now - 2 * hour, labels: {} },
];

/** Filters, and what they want of the things. */
const facts: readonly (readonly [Record<string, string[]>, string])[] = [
  [{}, "old new bare"],
  [{ until: ["1h"] }, "old bare"],
  [{ until: ["2026-01-01T09:30:00Z"] }, "old"],
  [{ until: [String(now / 1000)] }, "old new bare"],
  [{ label: ["tier"] }, "old new"],
  [{ label: ["tier=db", "keep"] }, "new"],
  [{ "label!": ["keep"] }, "old bare"],
  [{ "label!": ["tier=web", "keep"] }, "old new bare"],
  [{ label: ["tier"], "label!": ["keep"], until: ["1h"] }, "old"],
];

test("a thing is wanted for which all filters hold", () => {
  for (const [filters, expected] of facts) {
    const query = pruneQuery(filters, now);
    const found = things.filter((thing) => wants(query, thing)).map(({ name }) => name);
    assert.equal(found.join(" "), expected, JSON.stringify(filters));
  }
});

test("what is no filter is refused", () => {
  const wrong: readonly (readonly [() => unknown, RegExp])[] = [
    [() => pruneQuery({ nosuch: ["x"] }, now), /^invalid filter 'nosuch'$/],
    [() => pruneQuery({ until: ["1h", "2h"] }, now), /^more than one until filter specified$/],
    [() => pruneQuery({ until: ["nosuch"] }, now), /failed to parse value as time or duration: "nosuch"/],
    [() => pruneQuery({ dangling: ["true"] }, now), /^invalid filter 'dangling'$/],
    [() => imagePruneQuery({ dangling: ["maybe"] }, now), /^invalid filter 'dangling=\[maybe\]'$/],
    [() => volumePruneQuery({ until: ["1h"] }, false), /^invalid filter 'until'$/],
    [() => volumePruneQuery({ all: ["x"] }, false), /^invalid filter 'all=\[x\]'$/],
  ];
  for (const [make, message] of wrong) assert.throws(make, { kind: "invalid", message });
});

test("names protect images and volumes unless all are asked for", () => {
  assert.equal(imagePruneQuery({}, now).all, false);
  assert.equal(imagePruneQuery({ dangling: ["true"] }, now).all, false);
  assert.equal(imagePruneQuery({ dangling: ["0"] }, now).all, true);
  assert.equal(volumePruneQuery({}, false).all, false);
  assert.equal(volumePruneQuery({}, true).all, true);
  assert.equal(volumePruneQuery({ all: ["false"] }, true).all, false);
  assert.equal(volumePruneQuery({ all: ["1"] }, false).all, true);
});
