import assert from "node:assert/strict";
import { test } from "node:test";
import { output, struct, u32, u64, vector } from "../program/argument.ts";
import { openHow, ProgramBuilder, SlotAllocator } from "../program/builder.ts";
import { encode } from "../program/encode.ts";
import type { Instruction } from "../program/instruction.ts";
import { listing } from "./listing.ts";
import { joinSegments, printProgram } from "./print.ts";

const slots = new SlotAllocator(10);
const [file, other] = [slots.slot("file"), slots.slot("other")];

function steps(write: (p: ProgramBuilder) => void) {
  const p = new ProgramBuilder();
  write(p);
  return printProgram(p.instructions, "one")[0]!.steps;
}

const whyOf = (node: Instruction) => (node.kind === "place" ? undefined : node.why);

const text = (write: (p: ProgramBuilder) => void) =>
  steps(write).flatMap(({ calls }) => calls.map((call) => call.text));

test("steps have the numbers by which the executor reports them, children's too", () => {
  const [child, p] = [new ProgramBuilder(), new ProgramBuilder()];
  const grandchild = new ProgramBuilder();
  grandchild.call("grandchild", "setsid", []);
  child.clone("child", { flags: 0n, role: "grandchild", child: grandchild.instructions });
  p.place(p.label("here"));
  p.call("parent", "setsid", []);
  p.clone("clone", { flags: 0n, role: "child", child: child.instructions });
  const { instructions } = encode(p.instructions, { serial: 1 });
  for (const { steps } of printProgram(p.instructions, "parent"))
    for (const { step, why } of steps) assert.equal(whyOf(instructions[step - 1]!), why);
});

test("an fd that a call returns is seen to move to its slot, the second of a pair first", () => {
  const into = output(8);
  assert.deepEqual(
    text((p) => {
      p.call("", "openat", [-100, "/x", 0o2000000, 0], { slot: file });
      p.socketPair("", { into, first: file, second: other });
    }),
    [
      'openat(AT_FDCWD, "/x", O_CLOEXEC, 0) = fd',
      "dup3(fd, 10, O_CLOEXEC)",
      "close(fd)",
      "socketpair(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0, buffer[8]), [fd, fd2]",
      "dup3(fd2, 11, O_CLOEXEC)",
      "close(fd2)",
      "dup3(fd, 10, O_CLOEXEC)",
      "close(fd)",
    ],
  );
});

/** A call, and how it is shown. */
const shown: readonly (readonly [string, readonly unknown[], string])[] = [
  ["prctl", [1, 9, 0, 0, 0], "prctl(PR_SET_PDEATHSIG, SIGKILL)"],
  ["prctl", [1, 0, 0, 0, 0], "prctl(PR_SET_PDEATHSIG, 0)"],
  ["prctl", [24, 21, 0, 0, 0], "prctl(PR_CAPBSET_DROP, CAP_SYS_ADMIN)"],
  ["prctl", [24, 0, 0, 0, 0], "prctl(PR_CAPBSET_DROP)"],
  ["prctl", [47, 2, 12, 0, 0], "prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_ADMIN)"],
  ["mount", [0, "/", 0, 0x84000, 0], 'mount(NULL, "/", NULL, MS_REC|MS_SLAVE, NULL)'],
  ["mknodat", [file, "null", 0o20666, 0x103], 'mknodat(10<file>, "null", S_IFCHR|0666, makedev(1, 3))'],
  ["fsconfig", [file, 1, "mode", "755", 0], 'fsconfig(10<file>, FSCONFIG_SET_STRING, "mode", "755", 0)'],
  ["fsconfig", [file, 6, 0, 0, 0], "fsconfig(10<file>, FSCONFIG_CMD_CREATE, NULL, NULL, 0)"],
  ["setns", [file, 0x2002_0000n], "setns(10<file>, CLONE_NEWNS|CLONE_NEWPID)"],
  ["close_range", [3, 0xffffffff, 0], "close_range(3, ~0U, 0)"],
  [
    "prlimit64",
    [0, 7, struct("{rlim_cur=1, rlim_max=2}", u64(1, 2)), 0],
    "prlimit64(0, RLIMIT_NOFILE, {rlim_cur=1, rlim_max=2}, NULL)",
  ],
  ["execve", ["/bin/sh", vector(["sh"]), vector([])], 'execve("/bin/sh", ["sh"], [])'],
  [
    "openat2",
    [file, "a", openHow({ flags: 0, resolve: 16, text: () => "{how}" }), 24],
    'openat2(10<file>, "a", {how}, 24)',
  ],
  ["write", [file, Buffer.from("0 1\n"), 4], 'write(10<file>, "0 1\\n", 4)'],
  ["write", [file, Buffer.from([0, 1]), 2], "write(10<file>, 2 bytes, 2)"],
  ["fchown", [file, 1000, 0xffffffff], "fchown(10<file>, 1000, -1)"],
];

test("flags, capabilities, devices and null pointers have names", () => {
  for (const [name, args, expected] of shown)
    assert.deepEqual(
      text((p) => p.call("", name as never, args as never)),
      [expected],
    );
});

test("as data an argument is what the kernel gets", () => {
  const [step] = steps((p) =>
    p.call("", "mount", [file, "path", Buffer.from("text"), u32(1, 2), vector(["a", "b"]), output(8)]),
  );
  assert.deepEqual(step!.calls[0]!.args, [10, "path", "text", { hex: "0100000002000000" }, ["a", "b"], null]);
});

test("rules and jumps name the step where the process goes on", () => {
  const [call, jump] = steps((p) => {
    const end = p.label("the end");
    p.call("", "setsid", [], {
      on: { EPERM: end, EINVAL: "continue", EBUSY: { kind: "retry", times: 2, delay: 1 } },
    });
    p.jump("", end);
    p.place(end);
    p.end("");
  });
  assert.deepEqual(call!.on, {
    EPERM: { do: "go on", at: 3, label: "the end" },
    EINVAL: { do: "continue" },
    EBUSY: { do: "try again", times: 2, delay: 1 },
  });
  assert.equal(jump!.to, 3);
});

test("the listing has a process below the other, reason, field, calls and rules of each step, and marks targets", () => {
  const p = new ProgramBuilder();
  const done = p.label("done");
  p.call("look", "openat", [-100, "/x", 0, 0], { slot: file, from: "a.b", on: { ENOENT: done } });
  p.close(file);
  p.place(done);
  p.call("wait", "read", [other, 0, 1], { expect: 1 });
  p.pause("ask");
  const q = new ProgramBuilder();
  q.end("leave");
  const joined = joinSegments(printProgram(p.instructions, "one"), printProgram(q.instructions, "one", 2));
  const [title, ...lines] = listing(joined, (line) => line.replace("look", "LOOK")).split("\n");
  assert.match(title!, /^── one ─+$/);
  assert.deepEqual(lines, [
    "",
    `    1  LOOK${" ".repeat(82)} ‹a.b›`.replace(/ {83}/, " ".repeat(84)),
    '         openat(AT_FDCWD, "/x", O_RDONLY, 0) = fd',
    "         dup3(fd, 10, O_CLOEXEC); close(fd)",
    "         ENOENT: go on at 3 (done)",
    "    2  close(10<file>)",
    "   ▸3  wait",
    "         read(11<other>, 0, 1) = 1",
    "    4  ask",
    "         (brig reads what was answered, and sends the next segment)",
    "",
    "  · segment 2 ·",
    "",
    "    1  leave",
    "         (ends)",
    "",
  ]);
});
