import assert from "node:assert/strict";
import { test } from "node:test";
import { type PrintedStep, printProgram } from "../../kernel/explain/print.ts";
import { ProgramBuilder, SlotAllocator } from "../../kernel/program/builder.ts";
import { inRoot, openTarget } from "./target.ts";

const slots = new SlotAllocator(10);
const [root, into, scratch] = [slots.slot("root"), slots.slot("target"), slots.slot("scratch")];

function stepsTo(path: string, kind: "directory" | "file", plain = false): readonly PrintedStep[] {
  const p = new ProgramBuilder();
  openTarget(p, { root, path, into, kind, scratch, from: "mounts[0]", plain });
  return printProgram(p.instructions, "one")[0]!.steps;
}

test("a path is one below the root, whatever its dots say", () => {
  for (const [path, inside] of [
    ["/", ""],
    ["/a/b/", "a/b"],
    ["a//b", "a/b"],
    ["/../../etc", "etc"],
    ["../x", "x"],
    ["/a/./../..", ""],
  ] as const)
    assert.equal(inRoot(path), inside, path);
});

test("every lookup stays in the root and follows no magic link; no name that is made has a slash", () => {
  for (const path of ["/a/b/c", "/../x", "/etc/hosts"])
    for (const { calls } of stepsTo(path, "file"))
      for (const { name, text, args } of calls) {
        if (name === "openat2")
          assert.match(text, /^openat2\(10<root>, .*resolve=RESOLVE_IN_ROOT\|RESOLVE_NO_MAGICLINKS/);
        if (["mkdirat", "mknodat", "unlinkat"].includes(name)) {
          assert.equal(args[0], scratch.fd);
          assert.match(String(args[1]), /^[^/]+$/);
        }
        assert.ok(!["mkdir", "openat", "mknod", "symlinkat"].includes(name), text);
      }
});

test("only the last component may be a file, and what exists is taken as it is", () => {
  const made = stepsTo("/a/b/c", "file").filter(({ calls }) => /^mk/.test(calls[0]?.name ?? ""));
  assert.deepEqual(
    made.map(({ calls: [call], on }) => [call!.name, call!.args[1], on]),
    [
      ["mkdirat", "a", { EEXIST: { do: "continue" } }],
      ["mkdirat", "b", { EEXIST: { do: "continue" } }],
      ["mknodat", "c", { EEXIST: { do: "continue" } }],
      ["mknodat", "c", { EEXIST: { do: "continue" } }],
    ],
  );
});

test("what is there already takes one call", () => {
  const [open, jump] = stepsTo("/a/b", "directory");
  assert.equal(open!.calls[0]!.name, "openat2");
  assert.deepEqual([jump!.kind, jump!.to], ["jump", 1 + stepsTo("/a/b", "directory").length]);
});

test("a plain target follows no link, and replaces none", () => {
  const steps = stepsTo("/proc", "directory", true);
  const opens = steps.filter(({ calls }) => calls[0]?.name === "openat2" && calls[0].args[1] === "proc");
  assert.equal(opens.length, 2);
  for (const { calls } of opens) assert.match(calls[0]!.text, /RESOLVE_IN_ROOT\|RESOLVE_NO_SYMLINKS/);
  assert.ok(!steps.some(({ calls }) => calls[0]?.name === "unlinkat"));
});

test("the root itself is opened and never made", () => {
  assert.deepEqual(
    stepsTo("/", "directory").map(({ calls }) => [calls[0]!.name, calls[0]!.args[1]]),
    [["openat2", "."]],
  );
});
