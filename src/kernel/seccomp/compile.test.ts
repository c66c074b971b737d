import assert from "node:assert/strict";
import { test } from "node:test";
import type { Seccomp, SeccompArg, SeccompRule } from "../../spec/runtime/seccomp.ts";
import type { Architecture } from "../syscalls.ts";
import { allowedAbis } from "./abis.ts";
import { compileSeccomp } from "./compile.ts";
import { interpret } from "./interpret.ts";

const x86_64 = 0xc000_003e;
const i386 = 0x4000_0003;
const aarch64 = 0xc000_00b7;
const arm = 0x4000_0028;
const x32Bit = 0x4000_0000;

const allow = 0x7fff_0000;
const log = 0x7ffc_0000;
const trap = 0x0003_0000;
const eperm = 0x0005_0001;
const enosys = 0x0005_0026;
const killThread = 0;
const killProcess = 0x8000_0000;

const read = 0;
const write = 1;
const ioctl = 16;

function profileOf(fields: Partial<Seccomp>): Seccomp {
  return { defaultAction: "SCMP_ACT_ERRNO", ...fields };
}

function rule(names: string, action = "SCMP_ACT_ALLOW", fields: Partial<SeccompRule> = {}): SeccompRule {
  return { names: names.split(" "), action, ...fields };
}

function arg(index: number, op: string, value: number | bigint, valueTwo: number | bigint = 0): SeccompArg {
  return { index, op: `SCMP_CMP_${op}`, value, valueTwo };
}

/** The answer to a call of the host's own ABI. */
function answer(profile: Seccomp, number: number, args: readonly bigint[] = [], audit = x86_64): number {
  const host: Architecture = audit === x86_64 || audit === i386 ? "x86_64" : "aarch64";
  return interpret(compileSeccomp(profile, host).program, { audit, number, args });
}

const answers: readonly (readonly [action: string, errnoRet: number | undefined, answer: number])[] = [
  ["SCMP_ACT_KILL", undefined, killThread],
  ["SCMP_ACT_KILL_THREAD", undefined, killThread],
  ["SCMP_ACT_KILL_PROCESS", undefined, killProcess],
  ["SCMP_ACT_TRAP", undefined, trap],
  ["SCMP_ACT_ERRNO", undefined, eperm],
  ["SCMP_ACT_ERRNO", 0, 0x0005_0000],
  ["SCMP_ACT_ERRNO", 4095, 0x0005_0fff],
  ["SCMP_ACT_NOTIFY", undefined, 0x7fc0_0000],
  ["SCMP_ACT_TRACE", undefined, 0x7ff0_0001],
  ["SCMP_ACT_TRACE", 0xffff, 0x7ff0_ffff],
  ["SCMP_ACT_LOG", undefined, log],
  ["SCMP_ACT_ALLOW", undefined, allow],
];

for (const [action, errnoRet, expected] of answers) {
  test(`${action} with errnoRet ${errnoRet} answers 0x${expected.toString(16)}`, () => {
    const fields = errnoRet === undefined ? {} : { errnoRet };
    const profile = profileOf({
      defaultAction: "SCMP_ACT_LOG",
      syscalls: [rule("read ioctl", action, fields)],
    });
    assert.deepEqual(
      [read, write, ioctl, ioctl + 1].map((number) => answer(profile, number)),
      [expected, log, expected, log],
    );
    if (action === "SCMP_ACT_NOTIFY") return;
    const byDefault = profileOf({
      defaultAction: action,
      ...(errnoRet !== undefined && { defaultErrnoRet: errnoRet }),
    });
    assert.equal(answer(byDefault, read), expected);
  });
}

const wide = 0x1_0000_0002n;
const comparisons: readonly (readonly [op: string, value: bigint, yes: bigint[], no: bigint[]])[] = [
  ["EQ", 40n, [40n], [0n, 39n, 41n, 0x1_0000_0028n]],
  ["EQ", wide, [wide], [2n, 0x1_0000_0000n, 0x2_0000_0002n]],
  ["NE", wide, [2n, 0x1_0000_0000n, 0x2_0000_0002n], [wide]],
  ["GT", wide, [wide + 1n, 0x2_0000_0000n], [wide, 3n, 0xffff_ffffn, 0x1_0000_0001n]],
  ["GE", wide, [wide, wide + 1n, 0x2_0000_0000n], [3n, 0xffff_ffffn, 0x1_0000_0001n]],
  ["LT", wide, [3n, 0xffff_ffffn, 0x1_0000_0001n], [wide, wide + 1n, 0x2_0000_0000n]],
  ["LE", wide, [wide, 3n, 0xffff_ffffn], [wide + 1n, 0x2_0000_0000n]],
  ["GE", 40n, [40n, 41n, 2n ** 64n - 1n, 0x1_0000_0000n], [0n, 39n]],
  ["GT", 2n ** 64n - 1n, [], [0n, 2n ** 64n - 1n]],
  ["LT", 0n, [], [0n, 2n ** 64n - 1n]],
];

for (const [op, value, yes, no] of comparisons) {
  test(`${op} 0x${value.toString(16)} compares all 64 bits without a sign`, () => {
    for (const index of [0, 5]) {
      const profile = profileOf({
        syscalls: [rule("ioctl", "SCMP_ACT_ALLOW", { args: [arg(index, op, value)] }), rule("write")],
      });
      const at = (input: bigint) => answer(profile, ioctl, [...new Array<bigint>(index).fill(7n), input]);
      for (const input of yes) assert.equal(at(input), allow, `${input}`);
      for (const input of no) assert.equal(at(input), eperm, `${input}`);
    }
  });
}

test("MASKED_EQ compares the bits of the mask, in both halves, and no others", () => {
  const matches = (mask: bigint, value: bigint, input: bigint) => {
    const args = [arg(0, "MASKED_EQ", mask, value)];
    return (
      answer(profileOf({ syscalls: [rule("ioctl", "SCMP_ACT_ALLOW", { args })] }), ioctl, [input]) === allow
    );
  };
  assert.ok(matches(0x7e02_0000n, 0n, 17n));
  assert.ok(!matches(0x7e02_0000n, 0n, 0x1002_0011n));
  assert.ok(matches(0xff_0000_00ffn, 0x12_0000_0034n, 0x5612_7777_7734n));
  assert.ok(!matches(0xff_0000_00ffn, 0x12_0000_0034n, 0x5613_7777_7734n));
  assert.ok(matches(0n, 0n, 99n), "an empty mask matches everything");
  assert.ok(matches(0xfn, 0xf5n, 0x25n), "bits of the value outside the mask count for nothing");
});

test("several arguments of an entry must all match", () => {
  const args = [arg(0, "EQ", 1), arg(2, "GT", 10)];
  const profile = profileOf({ syscalls: [rule("ioctl", "SCMP_ACT_ALLOW", { args })] });
  assert.equal(answer(profile, ioctl, [1n, 0n, 11n]), allow);
  assert.equal(answer(profile, ioctl, [1n, 0n, 10n]), eperm);
  assert.equal(answer(profile, ioctl, [2n, 0n, 11n]), eperm);
});

test("an entry that tests one argument twice stands for one entry per test", () => {
  const args = [arg(0, "EQ", 1), arg(0, "EQ", 2), arg(1, "EQ", 3)];
  const profile = profileOf({ syscalls: [rule("ioctl", "SCMP_ACT_ALLOW", { args })] });
  for (const call of [[1n], [2n], [0n, 3n]]) assert.equal(answer(profile, ioctl, call), allow);
  assert.equal(answer(profile, ioctl, [3n, 1n]), eperm);
});

test("an entry without arguments outweighs those with arguments, and the first of them counts", () => {
  const limited = rule("ioctl", "SCMP_ACT_ALLOW", { args: [arg(0, "EQ", 1)] });
  const profile = profileOf({
    syscalls: [limited, rule("ioctl", "SCMP_ACT_LOG"), rule("ioctl", "SCMP_ACT_TRAP")],
  });
  assert.equal(answer(profile, ioctl, [1n]), log);
});

test("an entry that repeats the default action says nothing", () => {
  const profile = profileOf({ syscalls: [rule("ioctl", "SCMP_ACT_ERRNO", { errnoRet: 1 }), rule("ioctl")] });
  assert.equal(answer(profile, ioctl), allow);
});

test("names that the architecture does not have are ignored", () => {
  const profile = profileOf({ syscalls: [rule("no_such_call open set_tls __proto__ read")] });
  assert.equal(answer(profile, 63, [], aarch64), allow);
  assert.equal(answer(profile, 62, [], aarch64), eperm);
});

test("a call newer than all the profile names gets ENOSYS where the default denies", () => {
  for (const [defaultAction, expected] of [
    ["SCMP_ACT_ERRNO", enosys],
    ["SCMP_ACT_KILL_PROCESS", enosys],
    ["SCMP_ACT_TRAP", enosys],
    ["SCMP_ACT_ALLOW", allow],
    ["SCMP_ACT_LOG", log],
    ["SCMP_ACT_TRACE", 0x7ff0_0001],
  ] as const) {
    const profile = profileOf({
      defaultAction,
      syscalls: [rule("read", "SCMP_ACT_TRAP"), rule("ioctl", "SCMP_ACT_TRAP")],
    });
    assert.equal(answer(profile, 17), expected, defaultAction);
    assert.equal(answer(profile, 100_000), expected, defaultAction);
    assert.notEqual(answer(profile, 15), enosys, defaultAction);
  }
});

test("every ABI has its own largest call, and arm's private calls do not count", () => {
  const profile = profileOf({
    architectures: ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"],
    syscalls: [rule("read set_tls openat")],
  });
  assert.deepEqual(
    [56, 57, 63, 64].map((n) => answer(profile, n, [], aarch64)),
    [allow, eperm, allow, enosys],
  );
  assert.deepEqual(
    [322, 323].map((n) => answer(profile, n, [], arm)),
    [allow, enosys],
  );
  assert.deepEqual(
    [0xf_0004, 0xf_0005, 0xf_0006].map((n) => answer(profile, n, [], arm)),
    [eperm, allow, eperm],
  );
});

test("programs of an ABI that the profile leaves out are killed", () => {
  const profile = profileOf({ defaultAction: "SCMP_ACT_ALLOW", syscalls: [rule("write", "SCMP_ACT_TRAP")] });
  for (const architectures of [[], ["SCMP_ARCH_X86_64"], ["SCMP_ARCH_MIPS"]]) {
    const only = { ...profile, architectures };
    assert.equal(answer(only, read), allow);
    assert.equal(answer(only, read, [], i386), killThread);
    assert.equal(answer(only, x32Bit + read), killThread);
    assert.equal(answer(only, 0xffff_ffff), allow, "a call that a tracer skipped");
  }
  assert.equal(answer(profile, 63, [], arm), killThread);
});

test("i386 and x32 have their own numbers, and i386 arguments 32 bits", () => {
  const args = [arg(0, "NE", 5)];
  const profile = profileOf({
    architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
    syscalls: [rule("read execve clone3"), rule("ioctl", "SCMP_ACT_ALLOW", { args })],
  });
  assert.equal(answer(profile, 3, [], i386), allow);
  assert.equal(answer(profile, 0, [], i386), eperm);
  assert.equal(answer(profile, 435, [], i386), allow);
  assert.equal(answer(profile, 436, [], i386), enosys);
  assert.equal(answer(profile, x32Bit + 0), allow);
  assert.equal(answer(profile, x32Bit + 520), allow);
  assert.equal(answer(profile, x32Bit + 59), eperm, "execve of x86-64");
  assert.equal(answer(profile, x32Bit + 521), enosys);
  assert.equal(answer(profile, 54, [5n], i386), eperm);
  assert.equal(answer(profile, 54, [0x1_0000_0005n], i386), eperm);
});

test("on i386 a rule for a socket or IPC call also holds behind socketcall and ipc", () => {
  const syscalls = [rule("connect shmget"), rule("socket", "SCMP_ACT_ALLOW", { args: [arg(0, "NE", 40)] })];
  const architectures = ["SCMP_ARCH_X86"];
  const granting = profileOf({ architectures, syscalls });
  assert.equal(answer(granting, 362, [], i386), allow);
  assert.equal(answer(granting, 102, [3n], i386), allow, "socketcall(SYS_CONNECT)");
  assert.equal(answer(granting, 102, [2n], i386), eperm, "socketcall(SYS_BIND)");
  assert.equal(answer(granting, 117, [23n], i386), allow, "ipc(SHMGET)");
  assert.equal(answer(granting, 117, [0x1_0017n], i386), allow, "ipc(SHMGET) with a version");
  assert.equal(
    answer(granting, 102, [1n], i386),
    eperm,
    "socketcall(SYS_SOCKET), whose family cannot be seen",
  );
  const denying = profileOf({
    defaultAction: "SCMP_ACT_ALLOW",
    architectures,
    syscalls: [rule("socket", "SCMP_ACT_ERRNO", { args: [arg(0, "EQ", 40)] })],
  });
  assert.equal(answer(denying, 359, [2n], i386), allow);
  assert.equal(
    answer(denying, 102, [1n], i386),
    eperm,
    "socketcall(SYS_SOCKET), whose family cannot be seen",
  );
  assert.equal(answer(denying, 102, [3n], i386), allow);
});

test("a call with a constant answer is answered without a look at its arguments", () => {
  const profile = profileOf({
    syscalls: [rule("read"), rule("ioctl", "SCMP_ACT_ALLOW", { args: [arg(1, "EQ", 1)] })],
  });
  const { program } = compileSeccomp(profile, "x86_64");
  const blind = program.slice();
  for (let at = 0; at < blind.length; at += 8) {
    if (blind[at] === 0x20 && blind[at + 4]! >= 16) blind[at] = 0xff;
  }
  assert.equal(interpret(blind, { audit: x86_64, number: read }), allow);
  assert.throws(() => interpret(blind, { audit: x86_64, number: ioctl }));
});

test("jumps farther than 255 instructions are reached", () => {
  const values = Array.from({ length: 120 }, (_, index) => 0x1_0000_0000 * (index + 1) + index);
  const many = values.map((value) => rule("ioctl read", "SCMP_ACT_ALLOW", { args: [arg(3, "EQ", value)] }));
  const profile = profileOf({ syscalls: [...many, rule("write openat2", "SCMP_ACT_LOG")] });
  const { program } = compileSeccomp(profile, "x86_64");
  assert.ok(program.length / 8 > 900);
  for (const number of [read, ioctl]) {
    for (const value of values) {
      assert.equal(interpret(program, { audit: x86_64, number, args: [0n, 0n, 0n, BigInt(value)] }), allow);
      assert.equal(
        interpret(program, { audit: x86_64, number, args: [0n, 0n, 0n, BigInt(value) + 1n] }),
        eperm,
      );
    }
  }
  assert.equal(interpret(program, { audit: x86_64, number: write }), log);
  assert.equal(interpret(program, { audit: x86_64, number: 438 }), enosys);
  assert.equal(interpret(program, { audit: i386, number: 1 }), killThread);
});

test("a profile that needs more instructions than the kernel takes is refused", () => {
  const many = Array.from({ length: 1200 }, (_, index) =>
    rule("ioctl", "SCMP_ACT_ALLOW", { args: [arg(3, "EQ", index)] }),
  );
  assert.throws(
    () => compileSeccomp(profileOf({ syscalls: many }), "x86_64"),
    /the kernel takes 4096; use fewer rules/,
  );
});

test("flags become the bits that the kernel takes together", () => {
  const flags = (names: readonly string[] | undefined, action = "SCMP_ACT_ALLOW") =>
    compileSeccomp(
      profileOf({
        ...(names && { flags: names.map((name) => `SECCOMP_FILTER_FLAG_${name}`) }),
        syscalls: [rule("read", action)],
      }),
      "x86_64",
    ).flags;
  assert.equal(flags(undefined), 4);
  assert.equal(flags([]), 0);
  assert.equal(flags(["LOG", "SPEC_ALLOW", "TSYNC"]), 7);
  assert.equal(flags(["WAIT_KILLABLE_RECV"]), 0);
  assert.equal(flags(["WAIT_KILLABLE_RECV"], "SCMP_ACT_NOTIFY"), 32 + 8);
  assert.equal(flags(["TSYNC"], "SCMP_ACT_NOTIFY"), 1 + 8 + 16);
});

const refusals: readonly (readonly [what: string, fields: Partial<Seccomp>, message: RegExp])[] = [
  ["an unknown default action", { defaultAction: "ALLOW" }, /unknown action "ALLOW"; use SCMP_ACT_KILL/],
  ["an unknown action", { syscalls: [rule("read", "SCMP_ACT_NONE")] }, /unknown action "SCMP_ACT_NONE"/],
  [
    "an action called like a member of objects",
    { syscalls: [rule("read", "constructor")] },
    /unknown action/,
  ],
  ["an unknown architecture", { architectures: ["SCMP_ARCH_VAX"] }, /unknown architecture "SCMP_ARCH_VAX"/],
  ["an unknown flag", { flags: ["SECCOMP_FILTER_FLAG_NEW_LISTENER"] }, /unknown flag/],
  ["NOTIFY by default", { defaultAction: "SCMP_ACT_NOTIFY" }, /cannot be the default action/],
  [
    "an errno beyond 4095",
    { defaultErrnoRet: 4096 },
    /errnoRet of SCMP_ACT_ERRNO must be from 0 to 4095, not 4096/,
  ],
  [
    "an errno for ALLOW",
    { syscalls: [rule("read", "SCMP_ACT_ALLOW", { errnoRet: 1 })] },
    /takes no errnoRet/,
  ],
  [
    "an unknown operator",
    { syscalls: [rule("nosuch", "SCMP_ACT_LOG", { args: [arg(0, "IN", 1)] })] },
    /unknown operator/,
  ],
  [
    "a seventh argument",
    { syscalls: [rule("read", "SCMP_ACT_LOG", { args: [arg(6, "EQ", 1)] })] },
    /from 0 to 5, not 6/,
  ],
  [
    "a value of 65 bits",
    { syscalls: [rule("read", "SCMP_ACT_LOG", { args: [arg(0, "EQ", 2n ** 64n)] })] },
    /64 bits/,
  ],
  [
    "a value that lost bits",
    { syscalls: [rule("read", "SCMP_ACT_LOG", { args: [arg(0, "EQ", 2 ** 60)] })] },
    /exact/,
  ],
];

for (const [what, fields, message] of refusals) {
  test(`${what} is refused`, () => {
    assert.throws(() => compileSeccomp(profileOf(fields), "x86_64"), { kind: "invalid", message });
  });
}

test("for random profiles the filter agrees with the profile read entry by entry", () => {
  const random = generator(20);
  const pick = <T>(from: readonly T[]): T => from[random(from.length)]!;
  const names =
    "read write open clone personality mount ioctl openat2 futex_waitv ptrace kill exit set_tls".split(" ");
  const actions = "ALLOW ERRNO LOG TRAP KILL_PROCESS KILL_THREAD TRACE"
    .split(" ")
    .map((word) => `SCMP_ACT_${word}`);
  const operators = "NE LT LE EQ GE GT MASKED_EQ".split(" ");
  const values = [
    0n,
    1n,
    2n,
    40n,
    0xffff_ffffn,
    0x1_0000_0000n,
    0x7e02_0000n,
    0x1234_5678_9abc_def0n,
    2n ** 64n - 1n,
  ];
  for (let round = 0; round < 150; round++) {
    const host = pick(["x86_64", "aarch64"] as const);
    const profile = profileOf({
      defaultAction: pick(actions),
      architectures: pick([[], ["SCMP_ARCH_X86", "SCMP_ARCH_X32", "SCMP_ARCH_ARM"]]),
      syscalls: Array.from({ length: 1 + random(12) }, () =>
        rule(`${pick(names)} ${pick(names)}`, pick(actions), {
          args: Array.from({ length: pick([0, 1, 1, 2, 3]) }, () =>
            arg(random(6), pick(operators), pick(values), pick(values)),
          ),
        }),
      ),
    });
    const { program } = compileSeccomp(profile, host);
    for (const abi of allowedAbis(profile.architectures ?? [], host)) {
      for (let call = 0; call < 60; call++) {
        const number = abi.numberOf(pick(names)) ?? abi.first + random(500);
        const args = values.slice(0, 6).map(() => {
          return BigInt.asUintN(abi.wordBits, pick(values) + BigInt(random(3)) - 1n);
        });
        const got = interpret(program, { audit: abi.audit, number, args });
        assert.equal(
          got,
          naive(profile, abi, number, args),
          `${abi.name} ${number} ${args} ${show(profile)}`,
        );
      }
    }
  }
});

function naive(
  profile: Seccomp,
  abi: ReturnType<typeof allowedAbis>[number],
  number: number,
  args: readonly bigint[],
) {
  const codes = Object.fromEntries(
    answers.flatMap(([action, errno, code]) => (errno === undefined ? [[action, code]] : [])),
  );
  const numbers = (profile.syscalls ?? []).flatMap((entry) =>
    entry.names.map((name) => abi.numberOf(name) ?? -1),
  );
  const largest = Math.max(...numbers.filter((named) => named <= abi.last));
  const entries = (profile.syscalls ?? [])
    .filter((entry) => entry.names.some((name) => abi.numberOf(name) === number))
    .filter((entry) => codes[entry.action] !== codes[profile.defaultAction]);
  const plain = entries.find((entry) => entry.args!.length === 0);
  if (plain) return codes[plain.action];
  const matching = entries.find(({ args: tests = [] }) => {
    const holds = (one: SeccompArg) => compare(one, abi.wordBits, args[one.index]!);
    return new Set(tests.map(({ index }) => index)).size < tests.length
      ? tests.some(holds)
      : tests.every(holds);
  });
  if (matching) return codes[matching.action];
  const denies = !["SCMP_ACT_ALLOW", "SCMP_ACT_LOG", "SCMP_ACT_TRACE"].includes(profile.defaultAction);
  return denies && largest >= 0 && number > largest && number <= abi.last
    ? enosys
    : codes[profile.defaultAction];
}

function compare({ op, value, valueTwo }: SeccompArg, bits: number, input: bigint): boolean {
  const first = BigInt.asUintN(bits, BigInt(value));
  const second = BigInt.asUintN(bits, BigInt(valueTwo));
  const results: Readonly<Record<string, boolean>> = {
    NE: input !== first,
    LT: input < first,
    LE: input <= first,
    EQ: input === first,
    GE: input >= first,
    GT: input > first,
    MASKED_EQ: (input & first) === (second & first),
  };
  return results[op.slice("SCMP_CMP_".length)]!;
}

/** Numerical Recipes' generator: the test is the same in every run. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function show(profile: Seccomp): string {
  return JSON.stringify(profile, (_key, value) => (typeof value === "bigint" ? `${value}` : value));
}
