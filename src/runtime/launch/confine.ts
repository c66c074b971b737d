/**
 * What the process may do: capabilities, ids, limits, scheduling, labels and the system call filter
 * (runtime-spec, config.md#process). The order matters: each step still needs what a later one takes away.
 */

import * as F from "../../kernel/abi/files.ts";
import * as P from "../../kernel/abi/process.ts";
import {
  type CapabilityMasks,
  type CapabilityName,
  capabilityData,
  capabilityHeader,
  capabilityMask,
  capabilityNames,
  maskCapabilities,
  parseCapability,
} from "../../kernel/capabilities.ts";
import type { Slot } from "../../kernel/program/argument.ts";
import { pointer, struct, u32, u64 } from "../../kernel/program/argument.ts";
import type { ProgramBuilder } from "../../kernel/program/builder.ts";
import type { CompiledSeccomp, SeccompFilter } from "../../kernel/seccomp/filter.ts";
import type { Process } from "../../spec/runtime/process.ts";

export interface Confinement {
  readonly process: Process;
  readonly seccomp?: CompiledSeccomp;
  /** What the kernel can grant: the mask of the process that launches, or every bit in a new user namespace. */
  readonly grantable: bigint;
  /** A limit that may not be raised is an error (config.md#posix-process); else it is reported, and the launch goes on. */
  readonly exactLimits?: boolean;
  /** Kills the process when the one that launched it dies; a signal number. */
  readonly parentDeathSignal?: number;
  /** Its OOM score is set already. */
  readonly scored?: boolean;
  /** A procfs of the process's own pid namespace, for /proc/self. */
  readonly proc: Slot;
  readonly scratch: Slot;
  /** Where the fd of a filter that notifies goes. */
  readonly listener?: Slot;
}

/** Lowering it takes the rights of the host: for a process in a user namespace somebody else does it. */
export function setOomScore(
  p: ProgramBuilder,
  { oomScoreAdj }: Pick<Process, "oomScoreAdj">,
  of: { readonly proc: Slot; readonly self: boolean; readonly scratch: Slot },
): void {
  if (oomScoreAdj === undefined) return;
  writeProc(p, {
    ...of,
    file: `${of.self ? "self/" : ""}oom_score_adj`,
    text: String(oomScoreAdj),
    why: "set the OOM score",
    from: "process.oomScoreAdj",
  });
}

/** Settings that need privileges, made while all of them are still there. */
export function tune(p: ProgramBuilder, { process, proc, scratch, scored }: Confinement): void {
  if (!scored) setOomScore(p, process, { proc, self: true, scratch });
  if (process.scheduler) {
    const s = process.scheduler;
    const flags = (s.flags ?? []).reduce((bits, name) => bits | schedulerFlags[name]!, 0);
    const attributes = struct(
      `{policy=${s.policy}, nice=${s.nice ?? 0}, priority=${s.priority ?? 0}}`,
      u32(48, schedulerPolicies[s.policy]!),
      u64(flags),
      u32(s.nice ?? 0, s.priority ?? 0),
      u64(s.runtime ?? 0, s.deadline ?? 0, s.period ?? 0),
    );
    p.call(`schedule it as ${s.policy}`, "sched_setattr", [0, attributes, 0], { from: "process.scheduler" });
  }
  if (process.ioPriority) {
    const { class: name, priority } = process.ioPriority;
    p.call("set the I/O priority", "ioprio_set", [1, 0, (ioClasses[name] << 13) | priority], {
      from: "process.ioPriority",
    });
  }
}

/**
 * sched_setaffinity(2) for a list such as "0-3,7"; without one the kernel decides. Of `exec` only: a container's first
 * process has none (config.md#linux-process).
 */
export function setAffinity(
  p: ProgramBuilder,
  { execCPUAffinity }: Process,
  when: "initial" | "final",
): void {
  const cpus = execCPUAffinity?.[when];
  if (!cpus) return;
  const from = `process.execCPUAffinity.${when}`;
  const mask = cpuMask(cpus);
  p.call(`run on the CPUs ${cpus}`, "sched_setaffinity", [0, mask.length, mask], { from });
}

/** Labels that the next execve(2) takes on. */
export function setLabels(p: ProgramBuilder, { process, proc, scratch }: Confinement): void {
  if (process.apparmorProfile !== undefined)
    writeProc(p, {
      proc,
      scratch,
      file: "self/attr/exec",
      text: `exec ${process.apparmorProfile}`,
      why: `set the AppArmor profile ${process.apparmorProfile}`,
      from: "process.apparmorProfile",
    });
  if (process.selinuxLabel !== undefined)
    writeProc(p, {
      proc,
      scratch,
      file: "self/attr/exec",
      text: process.selinuxLabel,
      why: `set the SELinux label ${process.selinuxLabel}`,
      from: "process.selinuxLabel",
    });
}

/** From privileged to what the config says; nothing after this can take it back. */
export function confine(p: ProgramBuilder, c: Confinement): void {
  const { process } = c;
  const filter = c.seccomp?.filter;
  setRlimits(p, c);
  // Without no_new_privs installing a filter needs CAP_SYS_ADMIN, so it comes before the capabilities go.
  if (filter && !process.noNewPrivileges) install(p, c, filter);
  // Sets that are not there are empty ones, as for runc and crun.
  const sets = process.capabilities ?? {};
  const mask = (names: readonly string[] | undefined) => capabilityMask(known(names)) & c.grantable;
  dropBounding(p, mask(sets.bounding));
  // The launch itself has run with an empty one.
  const { uid, gid, umask = defaultUmask, additionalGids = [] } = process.user;
  const from = "process.user";
  const groups = additionalGids.length === 0 ? 0 : u32(...additionalGids);
  p.call("keep the capabilities over the change of user", "prctl", [P.PR_SET_KEEPCAPS, 1, 0, 0, 0], {
    from: "process.capabilities",
  });
  p.call("set the supplementary groups", "setgroups", [additionalGids.length, groups], {
    from: `${from}.additionalGids`,
    // A user namespace may deny it (user_namespaces(7)); without groups to set nothing is lost.
    ...(additionalGids.length === 0 ? { on: { EPERM: "continue" as const } } : {}),
  });
  p.call(`become group ${gid}`, "setresgid", [gid, gid, gid], { from: `${from}.gid` });
  p.call(`become user ${uid}`, "setresuid", [uid, uid, uid], { from: `${from}.uid` });
  p.call("set the file mode mask", "umask", [umask], { from: `${from}.umask` });
  setCapabilities(p, {
    effective: mask(sets.effective),
    permitted: mask(sets.permitted),
    inheritable: mask(sets.inheritable),
    // Only what is permitted and inheritable can be ambient (capabilities(7)); the rest cannot be granted.
    ambient: mask(sets.ambient) & mask(sets.inheritable) & mask(sets.permitted),
  });
  if (process.noNewPrivileges)
    p.call("gain no privileges by execve", "prctl", [P.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0], {
      from: "process.noNewPrivileges",
    });
  if (c.parentDeathSignal !== undefined)
    p.call("die with the shim", "prctl", [P.PR_SET_PDEATHSIG, c.parentDeathSignal, 0, 0, 0]);
  if (filter && process.noNewPrivileges) install(p, c, filter);
}

const defaultUmask = 0o022;

function known(names: readonly string[] | undefined): readonly CapabilityName[] {
  return (names ?? []).map(parseCapability).filter((name) => name !== undefined);
}

function dropBounding(p: ProgramBuilder, keep: bigint): void {
  capabilityNames.forEach((name, number) => {
    if ((keep >> BigInt(number)) & 1n) return;
    // EINVAL: newer than the kernel.
    p.call(`drop ${name} for good`, "prctl", [P.PR_CAPBSET_DROP, number, 0, 0, 0], {
      from: "process.capabilities.bounding",
      on: { EINVAL: "continue" },
    });
  });
}

function setCapabilities(
  p: ProgramBuilder,
  sets: {
    readonly effective: bigint;
    readonly permitted: bigint;
    readonly inheritable: bigint;
    readonly ambient: bigint;
  },
): void {
  const from = "process.capabilities";
  const header = struct("{version=_LINUX_CAPABILITY_VERSION_3, pid=0}", capabilityHeader());
  const data = struct(() => capabilityText(sets), capabilityData(sets));
  p.call("set the capabilities", "capset", [header, data], { from });
  p.call("clear the ambient capabilities", "prctl", [P.PR_CAP_AMBIENT, P.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0], {
    from: `${from}.ambient`,
  });
  capabilityNames.forEach((name, number) => {
    if ((sets.ambient >> BigInt(number)) & 1n)
      p.call(`make ${name} ambient`, "prctl", [P.PR_CAP_AMBIENT, P.PR_CAP_AMBIENT_RAISE, number, 0, 0], {
        from: `${from}.ambient`,
      });
  });
}

function capabilityText({ effective, permitted, inheritable }: CapabilityMasks): string {
  const names = (mask: bigint) => maskCapabilities(mask).join("|") || "0";
  const first = effective === permitted ? "effective=" : `effective=${names(effective)}, `;
  return `{${first}permitted=${names(permitted)}, inheritable=${names(inheritable)}}`;
}

function setRlimits(p: ProgramBuilder, { process, exactLimits }: Confinement): void {
  process.rlimits?.forEach(({ type, soft, hard }, i) => {
    const limit = struct(`{rlim_cur=${soft}, rlim_max=${hard}}`, u64(soft, hard));
    p.call(`set ${type} to ${soft}:${hard}`, "prlimit64", [0, P.rlimitNumbers[type], limit, 0], {
      from: `process.rlimits[${i}]`,
      ...(exactLimits ? {} : { on: { EPERM: "continue" }, answer: {} }),
    });
  });
}

function install(p: ProgramBuilder, c: Confinement, filter: SeccompFilter): void {
  const count = filter.program.length / 8;
  const program = struct(
    `{len=${count}, filter=[${count} BPF instructions]}`,
    u64(count),
    pointer(filter.program),
  );
  p.call("filter the system calls", "seccomp", [P.SECCOMP_SET_MODE_FILTER, filter.flags, program], {
    from: "linux.seccomp",
    ...(filter.listener && c.listener ? { slot: c.listener } : {}),
  });
}

/** Writes a file of our own procfs, which nothing in the container can have replaced (CVE-2019-16884). */
export function writeProc(
  p: ProgramBuilder,
  write: {
    readonly proc: Slot;
    readonly scratch: Slot;
    readonly file: string;
    readonly text: string;
    readonly why: string;
    readonly from: string;
  },
): void {
  const { proc, scratch, file, text, why, from } = write;
  p.call(`open /proc/${file}`, "openat", [proc, file, F.O_WRONLY | F.O_CLOEXEC, 0], { slot: scratch, from });
  p.call(why, "write", [scratch, Buffer.from(text), Buffer.byteLength(text)], { from });
  p.close(scratch);
}

/** The kernel's mask for a CPU list: one bit a CPU, in words of eight bytes. */
export function cpuMask(list: string): Uint8Array {
  const mask = Buffer.alloc(128);
  for (const range of list.split(",")) {
    const [first, last] = range.trim().split("-").map(Number);
    for (let cpu = first!; cpu <= (last ?? first!) && cpu < 1024; cpu++) mask[cpu >> 3]! |= 1 << (cpu & 7);
  }
  return mask;
}

const schedulerPolicies: Readonly<Record<string, number>> = {
  SCHED_OTHER: 0,
  SCHED_FIFO: 1,
  SCHED_RR: 2,
  SCHED_BATCH: 3,
  SCHED_ISO: 4,
  SCHED_IDLE: 5,
  SCHED_DEADLINE: 6,
};

const schedulerFlags: Readonly<Record<string, number>> = {
  SCHED_FLAG_RESET_ON_FORK: 0x01,
  SCHED_FLAG_RECLAIM: 0x02,
  SCHED_FLAG_DL_OVERRUN: 0x04,
  SCHED_FLAG_KEEP_POLICY: 0x08,
  SCHED_FLAG_KEEP_PARAMS: 0x10,
  SCHED_FLAG_UTIL_CLAMP_MIN: 0x20,
  SCHED_FLAG_UTIL_CLAMP_MAX: 0x40,
};

const ioClasses = { IOPRIO_CLASS_RT: 1, IOPRIO_CLASS_BE: 2, IOPRIO_CLASS_IDLE: 3 } as const;
