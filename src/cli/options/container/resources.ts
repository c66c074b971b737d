/** How much of the machine the container may use. */

import type { Flags } from "../../flags/flag.ts";
import { bytes, swapBytes } from "../../flags/types/bytes.ts";
import { nanoCpus } from "../../flags/types/decimal.ts";
import { integer, unsigned16 } from "../../flags/types/integer.ts";
import { text } from "../../flags/types/text.ts";
import { toggle } from "../../flags/types/toggle.ts";
import { bytesPerSecond, deviceWeights, operationsPerSecond } from "../values/device-rate.ts";
import { ulimitList } from "../values/ulimit.ts";

export const resourceFlags = {
  blkioWeight: { type: unsigned16, help: "Share of disk bandwidth, 10 to 1000; 0 for the default" },
  blkioWeightDevice: { type: deviceWeights, help: "Share of one disk's bandwidth (DEVICE:10 to 1000)" },
  cgroupParent: { type: text, help: "Cgroup, or slice of systemd's, under which the container's is made" },
  cpuPeriod: { type: integer, help: "Microseconds of one CPU accounting period" },
  cpuQuota: { type: integer, help: "Microseconds of CPU time in one period" },
  cpuShares: {
    type: integer,
    short: "c",
    help: "Share of CPU time when CPUs are busy (relative; 1024 is usual)",
  },
  cpus: { type: nanoCpus, help: "How many CPUs' worth of time it may use (1.5)" },
  cpusetCpus: { type: text, help: "CPUs it may run on (0-3, 0,1)" },
  cpusetMems: { type: text, help: "Memory nodes it may use (0-3, 0,1)" },
  deviceReadBps: { type: bytesPerSecond, help: "Most bytes a second to read from a device (DEVICE:BYTES)" },
  deviceReadIops: { type: operationsPerSecond, help: "Most reads a second from a device (DEVICE:COUNT)" },
  deviceWriteBps: { type: bytesPerSecond, help: "Most bytes a second to write to a device (DEVICE:BYTES)" },
  deviceWriteIops: { type: operationsPerSecond, help: "Most writes a second to a device (DEVICE:COUNT)" },
  memory: { type: bytes, short: "m", help: "Most memory it may use" },
  memoryReservation: { type: bytes, help: "Memory it is pushed back to when the host runs short" },
  memorySwap: { type: swapBytes, help: "Most memory and swap together; -1 for unlimited swap" },
  oomKillDisable: { type: toggle, help: "Let it wait instead of being killed when its memory is used up" },
  pidsLimit: { type: integer, help: "Most processes and threads; -1 for unlimited" },
  shmSize: { type: bytes, help: "Size of /dev/shm" },
  ulimit: { type: ulimitList, help: "Resource limit of its processes (NAME=SOFT[:HARD])" },
} as const satisfies Flags;
