/** Filters in a running kernel: a small C program installs one and makes calls under it. */

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Seccomp } from "../../spec/runtime/seccomp.ts";
import { defaultCapabilities } from "../capabilities.ts";
import { type Architecture, syscallNumber } from "../syscalls.ts";
import { compileSeccomp } from "./compile.ts";
import { defaultSeccompProfile } from "./default-profile.ts";

const host: Architecture = process.arch === "arm64" ? "aarch64" : "x86_64";
const skip = spawnSync("gcc", ["--version"]).status === 0 ? false : "gcc is not installed";

/**
 * Makes each call in a child of its own, so that a killed one hides nothing; "i386:" goes through int 0x80.
 */
const source = String.raw`
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static long call(const char *text) {
    unsigned long value[7] = {0};
    int narrow = strncmp(text, "i386:", 5) == 0;
    char *at = (char *)text + (narrow ? 5 : 0);
    for (int i = 0; i < 7 && *at; i++) {
        value[i] = strtoul(at, &at, 0);
        if (*at == ',') at++;
    }
#ifdef __x86_64__
    if (narrow) {
        int result;
        __asm__ volatile("int $0x80" : "=a"(result) : "a"((int)value[0]), "b"((int)value[1]), "c"((int)value[2]) : "memory");
        if (result >= 0) return result;
        errno = -result;
        return -1;
    }
#endif
    return syscall(value[0], value[1], value[2], value[3], value[4], value[5], value[6]);
}

int main(int argc, char **argv) {
    static struct sock_filter code[4096];
    struct sock_fprog program = {0, code};
    int *result = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int fd = open(argv[1], O_RDONLY);
    program.len = read(fd, code, sizeof code) / sizeof code[0];
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    for (int i = 3; i < argc; i++) {
        int status;
        *result = 0;
        pid_t child = fork();
        if (child == 0) {
            if (syscall(SYS_seccomp, 1, strtoul(argv[2], NULL, 0), &program) < 0) _exit(99);
            if (call(argv[i]) < 0) *result = errno;
            _exit(0);
        }
        waitpid(child, &status, 0);
        if (WIFSIGNALED(status)) printf("signal %d\n", WTERMSIG(status));
        else if (WEXITSTATUS(status) != 0) printf("refused\n");
        else printf("%d\n", *result);
    }
    return 0;
}
`;

let folder = "";
before(() => {
  if (skip) return;
  folder = mkdtempSync(join(tmpdir(), "brig-seccomp-"));
  writeFileSync(join(folder, "probe.c"), source);
  execFileSync("gcc", ["-O1", "-o", join(folder, "probe"), join(folder, "probe.c")]);
});
after(() => {
  if (folder) rmSync(folder, { recursive: true });
});

/** What each call gives under the profile: 0 for success, an errno, or a signal. */
function outcomes(profile: Seccomp, calls: readonly string[]): readonly string[] {
  const { program, flags } = compileSeccomp(profile, host);
  const file = join(folder, "filter");
  writeFileSync(file, program);
  const output = execFileSync(join(folder, "probe"), [file, String(flags), ...calls], { encoding: "utf8" });
  return output.trimEnd().split("\n");
}

function call(name: string, ...args: readonly (number | bigint)[]): string {
  const number = syscallNumber(name, host);
  assert.notEqual(number, undefined, name);
  return [number, ...args].join();
}

const sigsys = "signal 31";

test("the kernel does what each action says", { skip }, () => {
  const profile: Seccomp = {
    defaultAction: "SCMP_ACT_ALLOW",
    syscalls: [
      { names: ["getpid"], action: "SCMP_ACT_ERRNO", errnoRet: 77 },
      { names: ["getppid"], action: "SCMP_ACT_ERRNO", errnoRet: 0 },
      { names: ["getuid"], action: "SCMP_ACT_KILL_PROCESS" },
      { names: ["getgid"], action: "SCMP_ACT_KILL_THREAD" },
      { names: ["geteuid"], action: "SCMP_ACT_TRAP" },
      { names: ["getegid"], action: "SCMP_ACT_LOG" },
      { names: ["gettid"], action: "SCMP_ACT_TRACE" },
    ],
  };
  const calls = "getpid getppid getuid getgid geteuid getegid gettid getsid"
    .split(" ")
    .map((name) => call(name));
  // A call to trace fails with ENOSYS where no tracer is.
  assert.deepEqual(outcomes(profile, calls), ["77", "0", sigsys, sigsys, sigsys, "0", "38", "0"]);
});

test("the kernel compares arguments as the profile says, in both halves", { skip }, () => {
  const deny = (op: string, value: number | bigint, errnoRet: number, valueTwo: number | bigint = 0) => {
    const args = [{ index: 1, op: `SCMP_CMP_${op}`, value, valueTwo }];
    return { names: ["getpgid"], action: "SCMP_ACT_ERRNO", errnoRet, args };
  };
  const profile: Seccomp = {
    defaultAction: "SCMP_ACT_ALLOW",
    syscalls: [
      deny("EQ", 0x1_0000_0005n, 101),
      deny("GT", 0xffff_ffff_ffff_fff0n, 102),
      deny("MASKED_EQ", 0xf00n, 103, 0x300n),
      deny("LT", 3, 104),
    ],
  };
  const inputs = [
    0x1_0000_0005n,
    5n,
    2n ** 64n - 1n,
    0xffff_ffff_ffff_fff0n,
    0x1300n,
    2n,
    3n,
    0x1_0000_0002n,
  ];
  const results = outcomes(
    profile,
    inputs.map((input) => call("getpgid", 0, input)),
  );
  assert.deepEqual(results, ["101", "0", "102", "0", "103", "104", "0", "0"]);
});

test("the kernel installs a filter with every flag of a profile, and one that needs a listener", {
  skip,
}, () => {
  const flags = ["TSYNC", "LOG", "SPEC_ALLOW", "WAIT_KILLABLE_RECV"].map(
    (name) => `SECCOMP_FILTER_FLAG_${name}`,
  );
  for (const action of ["SCMP_ACT_LOG", "SCMP_ACT_NOTIFY"]) {
    const profile = { defaultAction: "SCMP_ACT_ALLOW", flags, syscalls: [{ names: ["mount"], action }] };
    // Without a listener's fd held open elsewhere the notified call itself is not made here.
    assert.deepEqual(outcomes(profile, [call("getsid")]), ["0"]);
  }
});

test("under the default profile the kernel refuses what leads out of the container", { skip }, () => {
  const profile = defaultSeccompProfile({
    capabilities: defaultCapabilities,
    architecture: host,
    kernel: [6, 18],
  });
  const expected: readonly (readonly [call: string, outcome: string])[] = [
    [call("getpid"), "0"],
    [call("socket", 2, 1, 0), "0"],
    [call("socket", 38, 5, 0), "1"],
    [call("socket", 40, 1, 0), "1"],
    [call("socket", 0x1_0000_0028n, 1, 0), "1"],
    [call("unshare", 0x1000_0000), "1"],
    [call("clone3", 0, 0), "38"],
    [call("clone", 0x1000_0000), "1"],
    [call("personality", 0xffff_ffff), "0"],
    [call("personality", 0x40_0000), "1"],
    [call("mount"), "1"],
    [call("keyctl", 0), "1"],
    [call("io_uring_setup", 1, 0), "1"],
    ["469", "38"],
  ];
  assert.deepEqual(
    outcomes(
      profile,
      expected.map(([text]) => text),
    ),
    expected.map(([, outcome]) => outcome),
  );
});

test("programs of another ABI are killed, or filtered by their own numbers", {
  skip: skip || host !== "x86_64",
}, () => {
  const native: Seccomp = { defaultAction: "SCMP_ACT_ALLOW" };
  assert.deepEqual(outcomes(native, ["39", "i386:20", `${0x4000_0000 + 39}`]), ["0", sigsys, sigsys]);
  const both: Seccomp = {
    defaultAction: "SCMP_ACT_ALLOW",
    architectures: ["SCMP_ARCH_X86"],
    syscalls: [{ names: ["getppid"], action: "SCMP_ACT_ERRNO", errnoRet: 9 }],
  };
  assert.deepEqual(outcomes(both, ["i386:20", "i386:64", "110", "64"]).slice(0, 3), ["0", "9", "9"]);
});
