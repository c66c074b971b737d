import assert from "node:assert/strict";
import { test } from "node:test";
import { type CapabilityName, capabilityNames, defaultCapabilities } from "../capabilities.ts";
import { type Architecture, syscallNumber } from "../syscalls.ts";
import { allowedAbis } from "./abis.ts";
import { compileSeccomp } from "./compile.ts";
import { defaultSeccompProfile } from "./default-profile.ts";
import { interpret } from "./interpret.ts";

const audits: Readonly<Record<Architecture, number>> = { x86_64: 0xc000_003e, aarch64: 0xc000_00b7 };
const everyAbi = (["x86_64", "aarch64"] as const).flatMap((host) =>
  allowedAbis(["SCMP_ARCH_X86", "SCMP_ARCH_X32", "SCMP_ARCH_ARM"], host),
);
const allow = 0x7fff_0000;
const eperm = 0x0005_0001;
const enosys = 0x0005_0026;

function container(
  architecture: Architecture,
  capabilities: readonly CapabilityName[] = defaultCapabilities,
  kernel: readonly [number, number] = [6, 18],
) {
  const profile = defaultSeccompProfile({ capabilities, architecture, kernel });
  const { program } = compileSeccomp(profile, architecture);
  return (name: string, ...args: readonly bigint[]) => {
    const number = syscallNumber(name, architecture);
    assert.notEqual(number, undefined, name);
    return interpret(program, { audit: audits[architecture], number: number!, args });
  };
}

/** Calls that a container gets only with a capability (moby/profiles, seccomp 0.2.3). */
const gated: readonly (readonly [capability: CapabilityName, calls: string])[] = [
  ["CAP_BPF", "bpf"],
  ["CAP_DAC_READ_SEARCH", "open_by_handle_at"],
  ["CAP_PERFMON", "perf_event_open"],
  ["CAP_SYSLOG", "syslog"],
  [
    "CAP_SYS_ADMIN",
    "mount umount2 unshare setns bpf clone3 fsopen open_tree quotactl sethostname syslog lsm_list_modules",
  ],
  ["CAP_SYS_BOOT", "reboot"],
  ["CAP_SYS_CHROOT", "chroot"],
  ["CAP_SYS_MODULE", "init_module finit_module delete_module"],
  ["CAP_SYS_NICE", "mbind get_mempolicy set_mempolicy set_mempolicy_home_node"],
  ["CAP_SYS_PACCT", "acct"],
  ["CAP_SYS_PTRACE", "kcmp pidfd_getfd process_madvise"],
  ["CAP_SYS_TIME", "settimeofday clock_settime"],
  ["CAP_SYS_TTY_CONFIG", "vhangup"],
];

for (const architecture of ["x86_64", "aarch64"] as const) {
  test(`on ${architecture} a container may do what programs commonly need`, () => {
    const answer = container(architecture);
    const names =
      "read write openat execve mmap futex clone exit_group rt_sigreturn ptrace landlock_add_rule mseal";
    for (const name of names.split(" ")) assert.equal(answer(name), allow, name);
  });

  test(`on ${architecture} a call that needs a capability is refused without it and allowed with it`, () => {
    const without = container(architecture, []);
    for (const [capability, calls] of gated) {
      const answer = container(architecture, [capability]);
      for (const name of calls.split(" ")) {
        assert.equal(without(name), name === "clone3" ? enosys : eperm, name);
        assert.equal(answer(name), allow, `${name} with ${capability}`);
      }
    }
  });

  test(`on ${architecture} nobody gets calls that configure the machine behind the container's back`, () => {
    for (const capabilities of [defaultCapabilities, capabilityNames]) {
      const answer = container(architecture, capabilities);
      const names =
        "kexec_load swapon swapoff add_key keyctl request_key userfaultfd io_uring_setup pivot_root nfsservctl";
      for (const name of names.split(" ")) assert.equal(answer(name), eperm, name);
    }
  });

  test(`on ${architecture} clone may make no namespace, and clone3 says it does not exist`, () => {
    const answer = container(architecture);
    assert.equal(answer("clone", 0x11n), allow);
    for (const flag of [
      0x20000n,
      0x2000000n,
      0x4000000n,
      0x8000000n,
      0x10000000n,
      0x20000000n,
      0x40000000n,
    ]) {
      assert.equal(answer("clone", flag | 0x11n), eperm);
      assert.equal(container(architecture, ["CAP_SYS_ADMIN"])("clone", flag), allow);
    }
    assert.equal(answer("clone3"), enosys);
  });

  test(`on ${architecture} sockets of every family but AF_ALG and AF_VSOCK can be made`, () => {
    const answer = container(architecture, capabilityNames);
    for (let family = 0n; family <= 45n; family++) {
      assert.equal(answer("socket", family), family === 38n || family === 40n ? eperm : allow, `${family}`);
      assert.equal(
        answer("socket", family + 2n ** 32n),
        eperm,
        "a family that the kernel would cut to 32 bits",
      );
    }
  });

  test(`on ${architecture} only Linux execution domains can be entered`, () => {
    const answer = container(architecture);
    for (const domain of [0n, 8n, 0x20000n, 0x20008n, 0xffffffffn])
      assert.equal(answer("personality", domain), allow);
    for (const domain of [1n, 0x40000n, 0x400000n]) assert.equal(answer("personality", domain), eperm);
  });

  test(`on ${architecture} ptrace needs Linux 4.8 or CAP_SYS_PTRACE`, () => {
    assert.equal(container(architecture, [], [4, 7])("ptrace"), eperm);
    assert.equal(container(architecture, [], [4, 8])("ptrace"), allow);
    assert.equal(container(architecture, [], [5, 0])("process_vm_readv"), allow);
    assert.equal(container(architecture, ["CAP_SYS_PTRACE"], [4, 7])("ptrace"), allow);
  });
}

test("every name of the profile is a call of some architecture", () => {
  for (const architecture of ["x86_64", "aarch64"] as const) {
    const { syscalls } = defaultSeccompProfile({
      capabilities: capabilityNames,
      architecture,
      kernel: [6, 18],
    });
    const names = syscalls!.flatMap((rule) => rule.names);
    assert.ok(names.length > 350);
    for (const name of names)
      assert.ok(
        everyAbi.some((abi) => abi.numberOf(name) !== undefined),
        name,
      );
  }
});
