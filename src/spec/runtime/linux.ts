/** The `linux` section of config.json (runtime-spec, config-linux.md). */

import { boolean, int64, kernelText, oneOf, text, uint32 } from "../schema/scalars.ts";
import { defaulted, type Infer, list, object, omitEmpty, optional, record } from "../schema/schema.ts";
import { device, netDevice } from "./devices.ts";
import { idMapping } from "./mounts.ts";
import { resources } from "./resources.ts";
import { seccomp } from "./seccomp.ts";

export const namespaceTypes = ["pid", "network", "mount", "ipc", "uts", "user", "cgroup", "time"] as const;

/** With a path the container joins that namespace, without one it gets a new one. */
export const namespace = object({ type: oneOf(namespaceTypes), path: omitEmpty(kernelText) });

/** Mount propagation of the root; the recursive words are not in the spec but every engine writes them. */
export const rootfsPropagations = [
  "shared",
  "slave",
  "private",
  "unbindable",
  "rshared",
  "rslave",
  "rprivate",
  "runbindable",
] as const;

export const memoryPolicy = object({
  mode: oneOf([
    "MPOL_DEFAULT",
    "MPOL_BIND",
    "MPOL_INTERLEAVE",
    "MPOL_WEIGHTED_INTERLEAVE",
    "MPOL_PREFERRED",
    "MPOL_PREFERRED_MANY",
    "MPOL_LOCAL",
  ]),
  /** Memory nodes such as "0-3,7". */
  nodes: omitEmpty(text),
  flags: optional(list(oneOf(["MPOL_F_NUMA_BALANCING", "MPOL_F_RELATIVE_NODES", "MPOL_F_STATIC_NODES"]))),
});

export const personality = object({ domain: oneOf(["LINUX", "LINUX32"]), flags: optional(list(text)) });

export const timeOffset = object({ secs: defaulted(int64, 0), nanosecs: defaulted(uint32, 0) });

export const intelRdt = object({
  closID: omitEmpty(text),
  l3CacheSchema: omitEmpty(text),
  memBwSchema: omitEmpty(text),
  schemata: optional(list(text)),
  enableMonitoring: optional(boolean),
});

export const linux = object({
  uidMappings: optional(list(idMapping)),
  gidMappings: optional(list(idMapping)),
  sysctl: optional(record(kernelText)),
  resources: optional(resources),
  cgroupsPath: omitEmpty(kernelText),
  namespaces: optional(list(namespace)),
  devices: optional(list(device)),
  /** By the interface's name on the host. */
  netDevices: optional(record(netDevice)),
  seccomp: optional(seccomp),
  rootfsPropagation: omitEmpty(oneOf(rootfsPropagations)),
  maskedPaths: optional(list(kernelText)),
  readonlyPaths: optional(list(kernelText)),
  mountLabel: omitEmpty(kernelText),
  intelRdt: optional(intelRdt),
  memoryPolicy: optional(memoryPolicy),
  personality: optional(personality),
  /** By clock: "monotonic" or "boottime". */
  timeOffsets: optional(record(timeOffset)),
});

export type NamespaceType = (typeof namespaceTypes)[number];
export type RootfsPropagation = (typeof rootfsPropagations)[number];
export interface Namespace extends Infer<typeof namespace> {}
export interface MemoryPolicy extends Infer<typeof memoryPolicy> {}
export interface Personality extends Infer<typeof personality> {}
export interface TimeOffset extends Infer<typeof timeOffset> {}
export interface IntelRdt extends Infer<typeof intelRdt> {}
export interface Linux extends Infer<typeof linux> {}
