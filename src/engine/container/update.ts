/**
 * `update`: other limits, and another restart policy, for a container in whatever state. The row comes first: a brig
 * that is killed before the cgroup has them leaves the rest to the next one (finish-change.ts).
 */

import { BrigError } from "../../base/errors.ts";
import { tellOf } from "../events/record.ts";
import type { EngineHost } from "../host.ts";
import { changing } from "./changing.ts";
import { checkLimits } from "./limits.ts";
import { type ContainerRecord, isLive, updateContainer } from "./records.ts";
import type { ContainerSpec, ResourceSpec, RestartPolicy } from "./spec.ts";
import { steady } from "./steady.ts";
import { writeLimits } from "./write-limits.ts";

/** What is absent stays as it is. */
export interface ContainerChange {
  readonly resources?: ResourceSpec;
  readonly restart?: RestartPolicy;
}

/** Resolves with what this host cannot keep of it. */
export async function changeContainer(
  host: EngineHost,
  { id }: ContainerRecord,
  change: ContainerChange,
): Promise<readonly string[]> {
  return changing(host, id, (record) => changeRecord(host, record, change));
}

async function changeRecord(
  host: EngineHost,
  record: ContainerRecord,
  change: ContainerChange,
): Promise<readonly string[]> {
  const { id } = record;
  const spec = changedSpec(record.spec, change);
  const { database, owner } = host;
  if (record.state === "removing")
    throw new BrigError("conflict", `cannot update container ${id}: it is being removed`);
  const running = isLive(record);
  const claim = { spec: JSON.stringify(spec), ...(running ? { owner: owner.id } : {}) };
  // One that has ended or was started since is looked at again: an owner of an ended one nobody would ever clear.
  if (!updateContainer(database, id, claim, [record.state])) {
    const now = await steady(host, id);
    if (now) return changeRecord(host, now, change);
    throw new BrigError("not-found", `No such container: ${id}`, { code: "no-such-container" });
  }
  try {
    const findings = running ? await writeLimits(record, spec) : [];
    tellOf(host, "update", { ...record, spec });
    return findings.map(({ message }) => message);
  } catch (error) {
    updateContainer(database, id, { spec: JSON.stringify(record.spec) });
    // What has been written before the kernel refused; all of these values it has accepted once.
    await writeLimits(record, record.spec).catch(() => undefined);
    throw error;
  } finally {
    if (running) updateContainer(database, id, { owner: null }, ["running", "paused"]);
  }
}

/** Throws, in Docker's words, for what contradicts itself or what holds already. */
export function changedSpec(
  spec: ContainerSpec,
  { resources = {}, restart }: ContainerChange,
): ContainerSpec {
  if (restart && restart.name !== "no" && spec.autoRemove)
    throw new BrigError(
      "invalid",
      "Restart policy cannot be updated because AutoRemove is enabled for the container",
    );
  const before = spec.resources ?? {};
  const refused = refusals.find(([holds]) => holds(resources, before));
  if (refused) throw new BrigError("invalid", refused[1]);
  // Swap was twice the memory, and is not to grow with it unasked.
  const swap = resources.memory && !resources.memorySwap ? swapOf(before) : 0;
  const changed = {
    ...spec,
    resources: { ...before, ...resources, ...(swap === 0 ? {} : { memorySwap: swap }) },
    ...(restart ? { restart } : {}),
  };
  checkLimits(changed);
  return changed;
}

/** 0 where there is no limit. */
function swapOf({ memory = 0, memorySwap = 0 }: ResourceSpec): number {
  return memorySwap === 0 ? memory * 2 : memorySwap;
}

type Refusal = readonly [holds: (wanted: ResourceSpec, before: ResourceSpec) => boolean, message: string];

const refusals: readonly Refusal[] = [
  [
    ({ memory = 0, memorySwap = 0 }, before) =>
      memory > 0 && memorySwap === 0 && swapOf(before) > 0 && memory > swapOf(before),
    "Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time",
  ],
  [
    ({ cpuPeriod = 0 }, { nanoCpus = 0 }) => cpuPeriod > 0 && nanoCpus > 0,
    "Conflicting options: CPU Period cannot be updated as NanoCPUs has already been set",
  ],
  [
    ({ cpuQuota = 0 }, { nanoCpus = 0 }) => cpuQuota > 0 && nanoCpus > 0,
    "Conflicting options: CPU Quota cannot be updated as NanoCPUs has already been set",
  ],
  [
    ({ nanoCpus = 0 }, { cpuPeriod = 0 }) => nanoCpus > 0 && cpuPeriod > 0,
    "Conflicting options: Nano CPUs cannot be updated as CPU Period has already been set",
  ],
  [
    ({ nanoCpus = 0 }, { cpuQuota = 0 }) => nanoCpus > 0 && cpuQuota > 0,
    "Conflicting options: Nano CPUs cannot be updated as CPU Quota has already been set",
  ],
];
