/** Rules of the smaller kernel features: personality, NUMA policy, resctrl, seccomp's listener (config-linux.md). */

import type { RuntimeConfig } from "../config.ts";
import type { MemoryPolicy } from "../linux.ts";
import { type Finding, invalid, numberList, unsupported } from "./finding.ts";

export function* kernelRules(config: RuntimeConfig): Iterable<Finding> {
  const linux = config.linux ?? {};
  if ((linux.personality?.flags ?? []).length > 0) {
    yield unsupported(
      "linux.personality.flags",
      "must be empty: no flag is defined",
      "config-linux.md#personality",
    );
  }
  if (linux.intelRdt) {
    yield unsupported("linux.intelRdt", "is not supported; remove it", "config-linux.md#intelrdt");
  }
  if (linux.memoryPolicy) yield* memoryPolicyRules(linux.memoryPolicy);
  if (linux.seccomp?.listenerMetadata !== undefined && linux.seccomp.listenerPath === undefined) {
    yield invalid("linux.seccomp.listenerMetadata", "needs listenerPath", "config-linux.md#seccomp");
  }
  for (const [index, { names }] of (linux.seccomp?.syscalls ?? []).entries()) {
    const path = `linux.seccomp.syscalls[${index}].names`;
    if (names.length === 0) yield invalid(path, "must have at least one entry", "config-linux.md#seccomp");
  }
}

/** Whether a mode takes nodes (set_mempolicy(2)); MPOL_PREFERRED without any means the local node. */
const nodesOf: Readonly<Record<MemoryPolicy["mode"], "none" | "some" | "any">> = {
  MPOL_DEFAULT: "none",
  MPOL_LOCAL: "none",
  MPOL_BIND: "some",
  MPOL_INTERLEAVE: "some",
  MPOL_WEIGHTED_INTERLEAVE: "some",
  MPOL_PREFERRED_MANY: "some",
  MPOL_PREFERRED: "any",
};

function* memoryPolicyRules({ mode, nodes }: MemoryPolicy): Iterable<Finding> {
  const path = "linux.memoryPolicy.nodes";
  const clause = "config-linux.md#memory-policy";
  if (nodes === undefined) {
    if (nodesOf[mode] === "some") yield invalid(path, `is required for ${mode}`, clause);
  } else if (nodesOf[mode] === "none") {
    yield invalid(path, `must be absent for ${mode}`, clause);
  } else {
    yield* numberList(path, nodes, clause);
  }
}
