import { command } from "../flags/command.ts";
import { resourceFlags } from "./container/resources.ts";
import { restartPolicy } from "./values/restart.ts";

const { blkioWeight, cpuPeriod, cpuQuota, cpuShares, cpus, cpusetCpus, cpusetMems } = resourceFlags;
const { memory, memoryReservation, memorySwap, pidsLimit } = resourceFlags;

export const update = command({
  summary: "Change the limits of containers, also while they run",
  usage: "CONTAINER [CONTAINER...]",
  operands: { least: 1 },
  flags: {
    blkioWeight,
    cpuPeriod,
    cpuQuota,
    cpuShares,
    cpus,
    cpusetCpus,
    cpusetMems,
    memory,
    memoryReservation,
    memorySwap,
    pidsLimit,
    restart: {
      type: { ...restartPolicy, initial: undefined },
      help: "When to start it again after it ends (no, always, unless-stopped, on-failure[:TIMES])",
    },
  },
  refused: {
    "real-time scheduling of cgroups is not implemented": ["cpu-rt-period", "cpu-rt-runtime"],
    "the kernel has dropped limits of kernel memory; use --memory": ["kernel-memory"],
  },
});
