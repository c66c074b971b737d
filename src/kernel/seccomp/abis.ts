/**
 * The system call ABIs that programs on a host can use, as a filter tells them apart: by the AUDIT_ARCH_*
 * value of <linux/audit.h> in seccomp_data.arch, and x32 from x86-64 by bit 30 of the number.
 */

import { BrigError } from "../../base/errors.ts";
import { quote } from "../../spec/schema/schema.ts";
import { type Architecture, syscallNumber } from "../syscalls.ts";
import { armNumbers, armPrivateCalls } from "./arm-numbers.ts";
import { i386Numbers } from "./i386-numbers.ts";

export interface Abi {
  readonly name: string;
  readonly audit: number;
  /** The numbers of the ABI's own calls start here … */
  readonly first: number;
  /** … and end here; a larger number is not a call that a newer kernel could add. */
  readonly last: number;
  readonly wordBits: 32 | 64;
  /** The call's number with `first` included. */
  readonly numberOf: (syscall: string) => number | undefined;
  /** Sockets and System V IPC can also be reached through socketcall(2) and ipc(2). */
  readonly multiplexed: boolean;
}

/**
 * The ABIs that a profile's `architectures` allow on this host, the host's own always among them and first.
 * What the host cannot run is left out; an unknown word is refused.
 */
export function allowedAbis(architectures: readonly string[], host: Architecture): readonly Abi[] {
  for (const name of architectures) {
    if (foreign.has(name) || Object.values(hostAbis).some((abis) => abis.some((abi) => abi.name === name)))
      continue;
    throw new BrigError(
      "invalid",
      `cannot compile seccomp profile: unknown architecture ${quote(name)}; use a name such as SCMP_ARCH_X86_64`,
    );
  }
  return hostAbis[host].filter((abi, index) => index === 0 || architectures.includes(abi.name));
}

export const auditX86_64 = 0xc000_003e;
export const x32Bit = 0x4000_0000;
/** From here on all architectures use the same numbers. */
const commonNumbers = 424;

const hostAbis: Readonly<Record<Architecture, readonly Abi[]>> = {
  x86_64: [
    {
      name: "SCMP_ARCH_X86_64",
      audit: auditX86_64,
      first: 0,
      last: x32Bit - 1,
      wordBits: 64,
      numberOf: (syscall) => syscallNumber(syscall, "x86_64"),
      multiplexed: false,
    },
    {
      name: "SCMP_ARCH_X32",
      audit: auditX86_64,
      first: x32Bit,
      last: 0xffff_ffff,
      wordBits: 64,
      numberOf: x32Number,
      multiplexed: false,
    },
    {
      name: "SCMP_ARCH_X86",
      audit: 0x4000_0003,
      first: 0,
      last: 0xffff_ffff,
      wordBits: 32,
      numberOf: (syscall) => narrowNumber(i386Numbers, syscall),
      multiplexed: true,
    },
  ],
  aarch64: [
    {
      name: "SCMP_ARCH_AARCH64",
      audit: 0xc000_00b7,
      first: 0,
      last: 0xffff_ffff,
      wordBits: 64,
      numberOf: (syscall) => syscallNumber(syscall, "aarch64"),
      multiplexed: false,
    },
    {
      name: "SCMP_ARCH_ARM",
      audit: 0x4000_0028,
      first: 0,
      last: armPrivateCalls - 1,
      wordBits: 32,
      numberOf: (syscall) => narrowNumber(armNumbers, syscall),
      multiplexed: false,
    },
  ],
};

/** Known to profiles, and never seen on a host of brig. */
const foreign: ReadonlySet<string> = new Set(
  (
    "MIPS MIPS64 MIPS64N32 MIPSEL MIPSEL64 MIPSEL64N32 PPC PPC64 PPC64LE S390 S390X PARISC PARISC64 RISCV64 " +
    "LOONGARCH64 M68K SH SHEB"
  )
    .split(" ")
    .map((name) => `SCMP_ARCH_${name}`),
);

function narrowNumber(table: Readonly<Record<string, number>>, syscall: string): number | undefined {
  if (Object.hasOwn(table, syscall)) return table[syscall];
  const common = syscallNumber(syscall, "x86_64");
  return common !== undefined && common >= commonNumbers ? common : undefined;
}

function x32Number(syscall: string): number | undefined {
  const number = x32Calls.get(syscall) ?? syscallNumber(syscall, "x86_64");
  return number === undefined ? undefined : x32Bit + number;
}

/**
 * Calls whose structures differ between x32 and x86-64 have numbers of their own, from 512 on, in this order.
 */
const x32Calls: ReadonlyMap<string, number> = new Map(
  (
    "rt_sigaction rt_sigreturn ioctl readv writev recvfrom sendmsg recvmsg execve ptrace rt_sigpending " +
    "rt_sigtimedwait rt_sigqueueinfo sigaltstack timer_create mq_notify kexec_load waitid set_robust_list " +
    "get_robust_list vmsplice move_pages preadv pwritev rt_tgsigqueueinfo recvmmsg sendmmsg process_vm_readv " +
    "process_vm_writev setsockopt getsockopt io_setup io_submit execveat preadv2 pwritev2"
  )
    .split(" ")
    .map((name, index) => [name, 512 + index]),
);
