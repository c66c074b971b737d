/** Limits as requests name them; 0 and the empty text are none. */

import { present } from "../../base/present.ts";
import type { ResourceSpec } from "../../engine/container/spec.ts";
import type { HostConfigBody } from "./container-body.ts";

export function resourcesOf(host: HostConfigBody): ResourceSpec {
  const rates = (list: HostConfigBody["BlkioDeviceReadBps"]) =>
    list?.map(({ Path, Rate }) => ({ path: Path, rate: Rate }));
  return present({
    memory: host.Memory || undefined,
    memorySwap: host.MemorySwap || undefined,
    memoryReservation: host.MemoryReservation || undefined,
    oomKillDisable: host.OomKillDisable || undefined,
    nanoCpus: host.NanoCpus || undefined,
    cpuShares: host.CpuShares || undefined,
    cpuQuota: host.CpuQuota || undefined,
    cpuPeriod: host.CpuPeriod || undefined,
    cpusetCpus: host.CpusetCpus,
    cpusetMems: host.CpusetMems,
    pidsLimit: host.PidsLimit || undefined,
    blkioWeight: host.BlkioWeight || undefined,
    blkioWeightDevice: host.BlkioWeightDevice?.map(({ Path, Weight }) => ({ path: Path, weight: Weight })),
    deviceReadBps: rates(host.BlkioDeviceReadBps),
    deviceReadIops: rates(host.BlkioDeviceReadIOps),
    deviceWriteBps: rates(host.BlkioDeviceWriteBps),
    deviceWriteIops: rates(host.BlkioDeviceWriteIOps),
    cgroupParent: host.CgroupParent,
  });
}
