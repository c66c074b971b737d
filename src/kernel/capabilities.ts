/**
 * Linux capabilities (capabilities(7)): names, sets, and the bytes of capset(2).
 *
 * Invariants: a name is upper case with the prefix CAP_; lists of names are in the order of their numbers; a
 * mask has bit N set for capability N. All 41 of Linux 5.9 and later are here; none was added up to 6.18.
 */

import { BrigError } from "../base/errors.ts";
import { quote } from "../spec/schema/schema.ts";

export type CapabilityName = (typeof capabilityNames)[number];

/** In the order of their numbers, CAP_CHOWN being 0 (<linux/capability.h>). */
// biome-ignore format: a table, four in a line
export const capabilityNames = [
  "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER",
  "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID",
  "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST",
  "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_IPC_LOCK", "CAP_IPC_OWNER",
  "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE",
  "CAP_SYS_PACCT", "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_NICE",
  "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD",
  "CAP_LEASE", "CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETFCAP",
  "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM",
  "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF",
  "CAP_CHECKPOINT_RESTORE",
] as const;

/** What a container has that asks for nothing: Docker's 14. */
export const defaultCapabilities: readonly CapabilityName[] = [
  "CAP_CHOWN",
  "CAP_DAC_OVERRIDE",
  "CAP_FOWNER",
  "CAP_FSETID",
  "CAP_KILL",
  "CAP_SETGID",
  "CAP_SETUID",
  "CAP_SETPCAP",
  "CAP_NET_BIND_SERVICE",
  "CAP_NET_RAW",
  "CAP_SYS_CHROOT",
  "CAP_MKNOD",
  "CAP_AUDIT_WRITE",
  "CAP_SETFCAP",
];

/** The number of a name that is known to be one. */
export function capabilityNumber(name: CapabilityName): number {
  return capabilityNames.indexOf(name);
}

/** "net_admin", "CAP_NET_ADMIN" → the name; undefined when there is no such capability. */
export function parseCapability(text: string): CapabilityName | undefined {
  const upper = text.toUpperCase();
  const name = upper.startsWith("CAP_") ? upper : `CAP_${upper}`;
  return capabilityNames.find((known) => known === name);
}

export interface CapabilityChange {
  /** `--cap-add`; "ALL" stands for all of them. */
  readonly add?: readonly string[];
  /** `--cap-drop`. */
  readonly drop?: readonly string[];
  readonly privileged?: boolean;
}

/**
 * The capabilities of a container, combined as Docker does: a privileged one has all. `add ALL` is everything
 * but the drops that have a name, even beside `drop ALL`; `drop ALL` is nothing but the adds; without an ALL
 * the drops are taken from the base, and then the adds are joined to it, so that an add wins over a drop.
 */
export function changeCapabilities(
  change: CapabilityChange,
  base: readonly CapabilityName[] = defaultCapabilities,
): readonly CapabilityName[] {
  const { add = [], drop = [], privileged = false } = change;
  const [added, addsAll] = parseList(add);
  const [dropped, dropsAll] = parseList(drop);
  if (privileged) return capabilityNames;
  if (addsAll) return capabilityNames.filter((name) => !dropped.has(name));
  if (dropsAll) return capabilityNames.filter((name) => added.has(name));
  return capabilityNames.filter((name) => added.has(name) || (base.includes(name) && !dropped.has(name)));
}

/** The bits of a set: CAP_CHOWN is bit 0. */
export function capabilityMask(names: Iterable<CapabilityName>): bigint {
  let mask = 0n;
  for (const name of names) mask |= 1n << BigInt(capabilityNumber(name));
  return mask;
}

/** The names whose bits are set; bits that no known capability has are left out. */
export function maskCapabilities(mask: bigint): readonly CapabilityName[] {
  return capabilityNames.filter((_, number) => (mask >> BigInt(number)) & 1n);
}

/** The sets of a thread that capset(2) changes, as masks. */
export interface CapabilityMasks {
  readonly effective: bigint;
  readonly permitted: bigint;
  readonly inheritable: bigint;
}

/** struct __user_cap_header_struct for the calling thread: _LINUX_CAPABILITY_VERSION_3 and pid 0. */
export function capabilityHeader(): Uint8Array {
  const header = new DataView(new ArrayBuffer(8));
  header.setUint32(0, 0x2008_0522, true);
  return new Uint8Array(header.buffer);
}

/** Two struct __user_cap_data_struct: the lower 32 capabilities, then the others. */
export function capabilityData({ effective, permitted, inheritable }: CapabilityMasks): Uint8Array {
  const data = new DataView(new ArrayBuffer(24));
  for (const [index, mask] of [effective, permitted, inheritable].entries()) {
    data.setUint32(4 * index, Number(mask & 0xffff_ffffn), true);
    data.setUint32(12 + 4 * index, Number((mask >> 32n) & 0xffff_ffffn), true);
  }
  return new Uint8Array(data.buffer);
}

function parseList(texts: readonly string[]): readonly [names: ReadonlySet<CapabilityName>, all: boolean] {
  const names = new Set<CapabilityName>();
  let all = false;
  for (const text of texts) {
    const name = parseCapability(text);
    if (name) names.add(name);
    else if (text.toUpperCase() === "ALL") all = true;
    else
      throw new BrigError(
        "invalid",
        `invalid capability: ${quote(text)}; use a name such as NET_ADMIN, or ALL`,
      );
  }
  return [names, all];
}
