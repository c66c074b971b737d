/** Limits that Docker refuses; each sentence was told by Docker 20.10 on a host with two CPUs and one memory node. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { checkLimits, type Machine } from "./limits.ts";
import type { ContainerSpec } from "./spec.ts";

const machine: Machine = { online: (what) => (what === "cpu" ? "0-1" : "0") };
const mib = 1024 * 1024;

const refused: readonly (readonly [NonNullable<ContainerSpec["resources"]>, string])[] = [
  [{ memory: mib }, "Minimum memory limit allowed is 6MB"],
  [{ memory: 6 * mib - 1 }, "Minimum memory limit allowed is 6MB"],
  [{ memorySwap: 10 * mib }, "You should always set the Memory limit when using Memoryswap limit, see usage"],
  [
    { memory: 20 * mib, memorySwap: 10 * mib },
    "Minimum memoryswap limit should be larger than memory limit, see usage",
  ],
  [
    { memory: 20 * mib, memoryReservation: 30 * mib },
    "Minimum memory limit can not be less than memory reservation limit, see usage",
  ],
  [{ memoryReservation: mib }, "Minimum memory reservation allowed is 6MB"],
  [{ nanoCpus: 1e9, cpuQuota: 1000 }, "Conflicting options: Nano CPUs and CPU Quota cannot both be set"],
  [{ nanoCpus: 1e9, cpuPeriod: 1000 }, "Conflicting options: Nano CPUs and CPU Period cannot both be set"],
  [{ nanoCpus: 100e9 }, "Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available"],
  [{ nanoCpus: 1e6 }, "Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available"],
  [{ cpuQuota: 100 }, "CPU cfs quota can not be less than 1ms (i.e. 1000)"],
  ...[10, 2_000_000].map(
    (cpuPeriod) =>
      [
        { cpuPeriod },
        "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)",
      ] as const,
  ),
  [{ cpusetCpus: "99" }, "Requested CPUs are not available - requested 99, available: 0-1"],
  [{ cpusetCpus: "x" }, "Invalid value x for cpuset cpus: invalid format: x"],
  [{ cpusetMems: "7" }, "Requested memory nodes are not available - requested 7, available: 0"],
  [{ cpusetMems: "x" }, "Invalid value x for cpuset mems: invalid format: x"],
  [{ cpuShares: -5 }, "shares: invalid argument"],
  [{ blkioWeight: 1001 }, "Range of blkio weight is from 10 to 1000"],
];

test("a limit that Docker refuses is refused in its words", () => {
  for (const [resources, message] of refused)
    assert.throws(() => checkLimits({ resources }, machine), { kind: "invalid", message });
  for (const oomScoreAdj of [2000, -1001])
    assert.throws(() => checkLimits({ oomScoreAdj }, machine), {
      message: `Invalid value ${oomScoreAdj}, range for oom score adj is [-1000, 1000]`,
    });
});

const taken: readonly NonNullable<ContainerSpec["resources"]>[] = [
  {},
  { memory: 0, nanoCpus: 0, cpuQuota: 0, cpuPeriod: 0, cpuShares: 0, blkioWeight: 0 },
  { memory: 6 * mib },
  { memory: 10 * mib, memorySwap: 0 },
  { memory: 10 * mib, memorySwap: 10 * mib },
  { memorySwap: -1 },
  { memoryReservation: 6 * mib },
  { nanoCpus: 1e7 },
  { nanoCpus: 2e9 },
  { cpusetCpus: "0,1", cpusetMems: "0" },
  { cpuQuota: -1 },
];

test("a limit that Docker takes is taken", () => {
  for (const resources of taken) checkLimits({ resources, oomScoreAdj: -1000 }, machine);
});
