/** What this runtime can do (runtime-spec, features.md), told without looking at the host. */

import packageJson from "../../../package.json" with { type: "json" };
import { capabilityNames } from "../../kernel/capabilities.ts";
import type { Features } from "../../spec/runtime/features.ts";
import { hookNames } from "../../spec/runtime/hooks.ts";
import { namespaceTypes } from "../../spec/runtime/linux.ts";
import { runtimeSpecVersion } from "../../spec/runtime/version.ts";
import { mountOptionWords } from "../launch/mount-options.ts";

const seccompFlags = [
  "SECCOMP_FILTER_FLAG_LOG",
  "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
  "SECCOMP_FILTER_FLAG_TSYNC",
  "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
];

// biome-ignore format: a table
/** What kernel/seccomp compiles, and launch/process-state.ts sets. */
const seccomp = {
  enabled: true,
  actions: [
    "SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD",
    "SCMP_ACT_LOG", "SCMP_ACT_NOTIFY", "SCMP_ACT_TRACE", "SCMP_ACT_TRAP",
  ],
  operators: [
    "SCMP_CMP_EQ", "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_LE", "SCMP_CMP_LT", "SCMP_CMP_MASKED_EQ", "SCMP_CMP_NE",
  ],
  archs: ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM", "SCMP_ARCH_X32", "SCMP_ARCH_X86", "SCMP_ARCH_X86_64"],
  knownFlags: seccompFlags,
  supportedFlags: seccompFlags,
};

// biome-ignore format: a table
const memoryPolicy = {
  modes: [
    "MPOL_BIND", "MPOL_DEFAULT", "MPOL_INTERLEAVE", "MPOL_LOCAL", "MPOL_PREFERRED", "MPOL_PREFERRED_MANY",
    "MPOL_WEIGHTED_INTERLEAVE",
  ],
  flags: ["MPOL_F_NUMA_BALANCING", "MPOL_F_RELATIVE_NODES", "MPOL_F_STATIC_NODES"],
};

export const features: Features = {
  ociVersionMin: "1.0.0",
  ociVersionMax: runtimeSpecVersion,
  hooks: hookNames,
  mountOptions: mountOptionWords(),
  linux: {
    namespaces: namespaceTypes.toSorted(),
    capabilities: capabilityNames,
    cgroup: { v1: true, v2: true, systemd: true, systemdUser: false, rdma: true },
    seccomp,
    apparmor: { enabled: true },
    selinux: { enabled: true },
    intelRdt: { enabled: false },
    memoryPolicy,
    mountExtensions: { idmap: { enabled: true } },
    netDevices: { enabled: true },
  },
  annotations: { "io.github.brig.version": packageJson.version },
};
