import assert from "node:assert/strict";
import { test } from "node:test";
import type { ContainerId } from "../../base/ids.ts";
import type { ContainerInfo } from "../../engine/container/info.ts";
import { containerFilter } from "./container.ts";

const info = (name: string, more: Partial<ContainerInfo> = {}): ContainerInfo => ({
  id: name.repeat(64).slice(0, 64) as ContainerId,
  name,
  image: "busybox",
  imageId: `sha256:${"ab".repeat(32)}`,
  state: "running",
  created: 1000,
  oom: false,
  command: ["sh"],
  hostname: name,
  volumes: [],
  networkFiles: {
    hosts: "/c/hosts",
    hostname: "/c/hostname",
    "resolv.conf": "/c/resolv.conf",
  } as ContainerInfo["networkFiles"],
  spec: { image: "busybox" },
  driver: "overlay2",
  logPath: "/c/container.log",
  ...more,
});

const all = [
  info("a1"),
  info("b2", { state: "exited", exitCode: 3, created: 2000 }),
  info("c3", {
    image: "nginx:1",
    imageId: `sha256:${"cd".repeat(32)}`,
    created: 3000,
    spec: { image: "nginx:1", labels: { k: "v", l: "" }, network: { mode: "host" } },
  }),
];

const facts: readonly (readonly [Record<string, string[]>, string])[] = [
  [{}, "a1 b2 c3"],
  [{ name: ["a"] }, "a1"],
  [{ name: ["^/b2$", "c"] }, "b2 c3"],
  [{ name: ["("] }, ""],
  [{ id: ["a1a1"] }, "a1"],
  [{ status: ["exited"] }, "b2"],
  [{ status: ["exited", "running"], name: ["b", "c"] }, "b2 c3"],
  [{ exited: ["3"] }, "b2"],
  [{ exited: ["0"] }, ""],
  [{ label: ["k"] }, "c3"],
  [{ label: ["k=v", "l"] }, "c3"],
  [{ label: ["k=v", "m"] }, ""],
  [{ label: ["k=w"] }, ""],
  [{ ancestor: ["busybox:latest"] }, "a1 b2"],
  [{ ancestor: ["cdcdcdcd"] }, "c3"],
  [{ before: ["b2"] }, "a1"],
  [{ since: ["b2"] }, "c3"],
  [{ network: ["bridge"] }, "a1 b2"],
];

test("values of one key are alternatives, and all keys must hold", async () => {
  for (const [filters, expected] of facts) {
    const holds = await containerFilter(filters, async (name) => all.find((each) => each.name === name)!);
    const found = all.filter(holds).map(({ name }) => name);
    assert.equal(found.join(" "), expected, JSON.stringify(filters));
  }
});

test("keys and values that do not exist are refused", async () => {
  for (const filters of [{ nothing: ["x"] }, { status: ["asleep"] }, { exited: ["x"] }])
    await assert.rejects(
      containerFilter(filters, async () => all[0]!),
      { kind: "invalid", message: /^invalid filter/ },
    );
});
