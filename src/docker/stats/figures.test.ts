import assert from "node:assert/strict";
import { test } from "node:test";
import type { ContainerStats } from "../../engine/container/stats.ts";
import type { CgroupStats } from "../../kernel/cgroup/stats/stats.ts";
import { figuresOf } from "./figures.ts";
import { statsJson } from "./stats.ts";

const second = 1e9;

function measured(
  spent: number,
  passed: number,
  memory: Partial<CgroupStats["memory"]> = {},
): ContainerStats {
  const none = { limit: 0, failcnt: 0 };
  return {
    id: "1",
    name: "web",
    time: 0,
    usage: {
      cgroup: {
        cpu: { usage: { total: spent, kernel: 0, user: spent }, throttling: {} },
        memory: {
          usage: { ...none, usage: 1000, limit: 4000 },
          swap: none,
          kernel: none,
          kernelTCP: none,
          ...memory,
        },
        pids: { current: 3 },
        blkio: {
          ioServiceBytesRecursive: [
            { major: 8, minor: 0, op: "Read", value: 10 },
            { major: 8, minor: 0, op: "Write", value: 20 },
            { major: 8, minor: 16, op: "read", value: 5 },
          ],
        },
      } as unknown as CgroupStats,
      host: { total: passed, online: 2 },
      networks: {},
    },
  };
}

test("half of two processors is a hundred percent of one", () => {
  const figures = figuresOf(measured(2 * second, 12 * second), measured(second, 10 * second), 8000)!;
  assert.equal(figures.cpu, 100);
  assert.equal(figuresOf(measured(2 * second, 12 * second), undefined, 8000)!.cpu, 0);
});

test("what the page cache can give back is not counted, in either version of cgroups", () => {
  const usage = { usage: 1000, limit: 4000, failcnt: 0 };
  for (const raw of [{ total_inactive_file: 400 }, { inactive_file: 400 }]) {
    const { memory, memoryShare } = figuresOf(measured(0, 0, { usage, raw }), undefined, 8000)!;
    assert.deepEqual([memory, memoryShare], [600, 15]);
  }
});

test("who has no limit is limited by the host", () => {
  const usage = { usage: 1000, limit: 2n ** 64n - 1n, failcnt: 0 };
  assert.equal(figuresOf(measured(0, 0, { usage }), undefined, 8000)!.memoryLimit, 8000);
});

test("bytes read and written are those of all devices", () => {
  const { read, written, processes } = figuresOf(measured(0, 0), undefined, 8000)!;
  assert.deepEqual([read, written, processes], [15, 20, 3]);
});

test("one that does not run has no figures, and the API says so as Docker does", () => {
  const stopped = { id: "1", name: "web", time: 5 };
  assert.equal(figuresOf(stopped, undefined, 8000), undefined);
  const json = statsJson(stopped, undefined, 8000);
  assert.deepEqual([json.read, json.pids_stats, json.memory_stats], ["0001-01-01T00:00:00Z", {}, {}]);
});
