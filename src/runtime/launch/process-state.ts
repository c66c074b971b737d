/** What a process carries besides ids and capabilities: keyring, execution domain, memory policy. */

import { KEYCTL_JOIN_SESSION_KEYRING } from "../../kernel/abi/process.ts";
import type { ProgramBuilder } from "../../kernel/program/builder.ts";
import type { MemoryPolicy, Personality } from "../../spec/runtime/linux.ts";
import { cpuMask } from "./confine.ts";

/** A session keyring of its own, so that the container sees no key of the host's (keyctl(2)). */
export function joinKeyring(p: ProgramBuilder, name: string): void {
  p.call("get a session keyring of its own", "keyctl", [KEYCTL_JOIN_SESSION_KEYRING, name, 0, 0, 0], {
    on: { ENOSYS: "continue", EPERM: "continue", EDQUOT: "continue" },
  });
}

/** config-linux.md#personality */
export function setPersonality(p: ProgramBuilder, { domain }: Personality): void {
  p.call(`set the execution domain ${domain}`, "personality", [domain === "LINUX32" ? 8 : 0], {
    from: "linux.personality.domain",
  });
}

/** config-linux.md#memory-policy; set_mempolicy(2) */
export function setMemoryPolicy(p: ProgramBuilder, policy: MemoryPolicy): void {
  const flags = (policy.flags ?? []).reduce((bits, name) => bits | policyFlags[name], 0);
  const nodes = policy.nodes === undefined ? 0 : cpuMask(policy.nodes);
  p.call(
    `set the memory policy ${policy.mode}`,
    "set_mempolicy",
    [
      policyModes[policy.mode] | flags,
      nodes,
      // The kernel takes one bit fewer than it is told.
      nodes === 0 ? 0 : nodes.length * 8 + 1,
    ],
    { from: "linux.memoryPolicy" },
  );
}

const policyModes = {
  MPOL_DEFAULT: 0,
  MPOL_PREFERRED: 1,
  MPOL_BIND: 2,
  MPOL_INTERLEAVE: 3,
  MPOL_LOCAL: 4,
  MPOL_PREFERRED_MANY: 5,
  MPOL_WEIGHTED_INTERLEAVE: 6,
} as const;

const policyFlags = {
  MPOL_F_NUMA_BALANCING: 1 << 13,
  MPOL_F_RELATIVE_NODES: 1 << 14,
  MPOL_F_STATIC_NODES: 1 << 15,
} as const;
