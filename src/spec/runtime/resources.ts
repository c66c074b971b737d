/** Limits of the container's cgroup (runtime-spec, config-linux.md#control-groups); `update` reads the same structure. */

import { parseJson } from "../schema/json.ts";
import { boolean, int64, kernelText, oneOf, text, uint16, uint32, uint64 } from "../schema/scalars.ts";
import { type Infer, list, object, omitEmpty, optional, record } from "../schema/schema.ts";

/** A rule of the device cgroup; an absent type is "a" (all), an absent number matches every number. */
export const deviceRule = object({
  allow: boolean,
  type: omitEmpty(oneOf(["a", "b", "c"])),
  major: optional(int64),
  minor: optional(int64),
  /** Of "r", "w" and "m" (mknod); absent is all three. */
  access: omitEmpty(text),
});

/** Bytes; -1 is unlimited. `swap` counts memory and swap together. */
export const memory = object({
  limit: optional(int64),
  reservation: optional(int64),
  swap: optional(int64),
  kernel: optional(int64),
  kernelTCP: optional(int64),
  swappiness: optional(uint64),
  disableOOMKiller: optional(boolean),
  useHierarchy: optional(boolean),
  checkBeforeUpdate: optional(boolean),
});

/** Times are microseconds; `cpus` and `mems` lists such as "0-3,7". */
export const cpu = object({
  shares: optional(uint64),
  quota: optional(int64),
  burst: optional(uint64),
  period: optional(uint64),
  realtimeRuntime: optional(int64),
  realtimePeriod: optional(uint64),
  cpus: omitEmpty(kernelText),
  mems: omitEmpty(kernelText),
  idle: optional(int64),
});

/** -1 is unlimited; 0 is a limit of zero. */
export const pids = object({ limit: optional(int64) });

export const weightDevice = object({
  major: int64,
  minor: int64,
  weight: optional(uint16),
  leafWeight: optional(uint16),
});

/** `rate` is bytes or operations per second. */
export const throttleDevice = object({ major: int64, minor: int64, rate: uint64 });

const throttleList = optional(list(throttleDevice));

export const blockIO = object({
  weight: optional(uint16),
  leafWeight: optional(uint16),
  weightDevice: optional(list(weightDevice)),
  throttleReadBpsDevice: throttleList,
  throttleWriteBpsDevice: throttleList,
  throttleReadIOPSDevice: throttleList,
  throttleWriteIOPSDevice: throttleList,
});

/** `pageSize` such as "2MB"; `limit` in bytes. */
export const hugepageLimit = object({ pageSize: kernelText, limit: uint64 });

export const network = object({
  classID: optional(uint32),
  priorities: optional(list(object({ name: kernelText, priority: uint32 }))),
});

export const rdma = object({ hcaHandles: optional(uint32), hcaObjects: optional(uint32) });

export const resources = object({
  devices: optional(list(deviceRule)),
  memory: optional(memory),
  cpu: optional(cpu),
  pids: optional(pids),
  blockIO: optional(blockIO),
  hugepageLimits: optional(list(hugepageLimit)),
  network: optional(network),
  /** By device name. */
  rdma: optional(record(rdma)),
  /** File name in the unified hierarchy to what is written there. */
  unified: optional(record(kernelText)),
});

export interface DeviceRule extends Infer<typeof deviceRule> {}
export interface Memory extends Infer<typeof memory> {}
export interface Cpu extends Infer<typeof cpu> {}
export interface Pids extends Infer<typeof pids> {}
export interface WeightDevice extends Infer<typeof weightDevice> {}
export interface ThrottleDevice extends Infer<typeof throttleDevice> {}
export interface BlockIO extends Infer<typeof blockIO> {}
export interface HugepageLimit extends Infer<typeof hugepageLimit> {}
export interface Network extends Infer<typeof network> {}
export interface Rdma extends Infer<typeof rdma> {}
export interface Resources extends Infer<typeof resources> {}

/** Greatest length of a document of resources: thousands of device rules. */
export const resourcesLimit = 1024 * 1024;

/** The text of a resources document (the `--resources` file of `update`) as its type. */
export function parseResources(json: string, name = "resources"): Resources {
  return parseJson(resources, json, name, resourcesLimit);
}
