/** Limits as requests and `inspect` name them: the inverse of resources.ts. */

import type { DeviceRate, ResourceSpec } from "../../engine/container/spec.ts";

/** What was not said is absent, so that a change leaves it as it is. */
export function resourceBody(resources: ResourceSpec): Readonly<Record<string, unknown>> {
  const body: Record<string, unknown> = {};
  for (const [key, name] of Object.entries(names) as [keyof ResourceSpec, string][]) {
    const value = resources[key];
    if (value !== undefined) body[name] = Array.isArray(value) ? value.map(deviceBody) : value;
  }
  return body;
}

const names: Readonly<Record<keyof ResourceSpec, string>> = {
  memory: "Memory",
  memorySwap: "MemorySwap",
  memoryReservation: "MemoryReservation",
  oomKillDisable: "OomKillDisable",
  nanoCpus: "NanoCpus",
  cpuShares: "CpuShares",
  cpuQuota: "CpuQuota",
  cpuPeriod: "CpuPeriod",
  cpusetCpus: "CpusetCpus",
  cpusetMems: "CpusetMems",
  pidsLimit: "PidsLimit",
  blkioWeight: "BlkioWeight",
  blkioWeightDevice: "BlkioWeightDevice",
  deviceReadBps: "BlkioDeviceReadBps",
  deviceReadIops: "BlkioDeviceReadIOps",
  deviceWriteBps: "BlkioDeviceWriteBps",
  deviceWriteIops: "BlkioDeviceWriteIOps",
  cgroupParent: "CgroupParent",
};

function deviceBody(device: DeviceRate | { readonly path: string; readonly weight: number }) {
  return "rate" in device
    ? { Path: device.path, Rate: device.rate }
    : { Path: device.path, Weight: device.weight };
}
