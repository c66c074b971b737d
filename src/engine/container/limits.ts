/**
 * Limits that contradict each other or that this host cannot keep, in the words of Docker's engine: refused before
 * anything is made. What they come to is in `resources.ts`.
 */

import { BrigError } from "../../base/errors.ts";
import { onlineList, parseList } from "../../kernel/online.ts";
import type { ContainerSpec, ResourceSpec } from "./spec.ts";

/** What of the host limits are measured by; each is read only when a limit asks for it. */
export interface Machine {
  readonly online: (what: "cpu" | "node") => string | undefined;
}

/** Throws for the first of them. */
export function checkLimits(
  { resources = {}, oomScoreAdj = 0 }: Pick<ContainerSpec, "resources" | "oomScoreAdj">,
  machine: Machine = { online: onlineList },
): void {
  const found = contradictions.find(([holds]) => holds(resources));
  const complaint = found?.[1] ?? beyond(resources, machine) ?? scoreComplaint(oomScoreAdj);
  if (complaint) throw new BrigError("invalid", complaint);
}

/** Docker's: below it a container does not start. */
const leastMemory = 6 * 1024 * 1024;
/** The kernel's bounds of the scheduler's period, and its least quota, in microseconds. */
const [leastPeriod, longestPeriod, leastQuota] = [1000, 1_000_000, 1000];

type Complaint = readonly [holds: (resources: ResourceSpec) => boolean, message: string];

/** In Docker's order. Absent and 0 say the same: no limit. */
const contradictions: readonly Complaint[] = [
  [({ memory = 0 }) => memory > 0 && memory < leastMemory, "Minimum memory limit allowed is 6MB"],
  [
    ({ memory = 0, memorySwap = 0 }) => memory > 0 && memorySwap > 0 && memorySwap < memory,
    "Minimum memoryswap limit should be larger than memory limit, see usage",
  ],
  [
    ({ memory = 0, memorySwap = 0 }) => memory === 0 && memorySwap > 0,
    "You should always set the Memory limit when using Memoryswap limit, see usage",
  ],
  [
    ({ memoryReservation: least = 0 }) => least > 0 && least < leastMemory,
    "Minimum memory reservation allowed is 6MB",
  ],
  [
    ({ memory = 0, memoryReservation: least = 0 }) => memory > 0 && least > memory,
    "Minimum memory limit can not be less than memory reservation limit, see usage",
  ],
  [
    ({ nanoCpus = 0, cpuPeriod = 0 }) => nanoCpus > 0 && cpuPeriod > 0,
    "Conflicting options: Nano CPUs and CPU Period cannot both be set",
  ],
  [
    ({ nanoCpus = 0, cpuQuota = 0 }) => nanoCpus > 0 && cpuQuota > 0,
    "Conflicting options: Nano CPUs and CPU Quota cannot both be set",
  ],
  [
    ({ cpuPeriod = 0 }) => cpuPeriod !== 0 && (cpuPeriod < leastPeriod || cpuPeriod > longestPeriod),
    "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)",
  ],
  [
    ({ cpuQuota = 0 }) => cpuQuota > 0 && cpuQuota < leastQuota,
    "CPU cfs quota can not be less than 1ms (i.e. 1000)",
  ],
  [({ cpuShares = 0 }) => cpuShares < 0, "shares: invalid argument"],
  [
    ({ blkioWeight: weight = 0 }) => weight !== 0 && (weight < 10 || weight > 1000),
    "Range of blkio weight is from 10 to 1000",
  ],
];

function beyond({ nanoCpus, cpusetCpus, cpusetMems }: ResourceSpec, { online }: Machine): string | undefined {
  if (nanoCpus) {
    const count = parseList(online("cpu") ?? "0")?.size ?? 1;
    // A hundredth of a CPU is the kernel's least quota in the usual period.
    if (nanoCpus < 1e7 || nanoCpus > count * 1e9)
      return `Range of CPUs is from 0.01 to ${count}.00, as there are only ${count} CPUs available`;
  }
  return (
    (cpusetCpus ? setComplaint(cpusetCpus, "CPUs", "cpuset cpus", online("cpu")) : undefined) ??
    (cpusetMems ? setComplaint(cpusetMems, "memory nodes", "cpuset mems", online("node")) : undefined)
  );
}

function setComplaint(asked: string, of: string, option: string, available = "0"): string | undefined {
  const numbers = parseList(asked);
  if (!numbers) return `Invalid value ${asked} for ${option}: invalid format: ${asked}`;
  const there = parseList(available);
  return there && [...numbers].some((number) => !there.has(number))
    ? `Requested ${of} are not available - requested ${asked}, available: ${available}`
    : undefined;
}

function scoreComplaint(score: number): string | undefined {
  return Math.abs(score) > 1000
    ? `Invalid value ${score}, range for oom score adj is [-1000, 1000]`
    : undefined;
}
