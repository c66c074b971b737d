import assert from "node:assert/strict";
import { test } from "node:test";
import type { HostPath } from "../../base/ids.ts";
import { output, u32, vector } from "../program/argument.ts";
import { ProgramBuilder } from "../program/builder.ts";
import { Executor } from "./executor.ts";
import { KernelFailure } from "./failure.ts";

const shim = (process.env.BRIG_SHIM ??
  new URL("../../../bin/brig-shim", import.meta.url).pathname) as HostPath;

function start(): Executor {
  return Executor.start({ shim });
}

test("a read is answered with the bytes that were read", async () => {
  const executor = start();
  const file = executor.slots.slot("hostname");
  const p = new ProgramBuilder();
  const buffer = output(64);
  p.call("open the host name", "openat", [-100, "/proc/sys/kernel/ostype", 0, 0], { slot: file });
  p.call("read it", "read", [file, buffer, 64], { answer: { buffer } });
  p.close(file);
  const { answers } = await executor.run(p.instructions);
  assert.equal(answers[0]!.bytes.toString(), "Linux\n");
  executor.close();
});

test("a failed call is told by its reason, and the session goes on", async () => {
  const executor = start();
  const p = new ProgramBuilder();
  p.call("open the book of secrets", "openat", [-100, "/nowhere", 0, 0]);
  await assert.rejects(executor.run(p.instructions), (error: unknown) => {
    assert.ok(error instanceof KernelFailure);
    assert.equal(
      error.message,
      "cannot open the book of secrets: no such file or directory (openat, step 1)",
    );
    assert.equal(error.kind, "not-found");
    return true;
  });
  const fine = new ProgramBuilder();
  fine.call("ask for the pid", "getpid", [], { answer: {} });
  const { answers } = await executor.run(fine.instructions);
  assert.equal(answers[0]!.result, executor.process!.pid);
  executor.close();
});

test("a child's failure reaches the client as its parent's, and the child is gone", async () => {
  const executor = start();
  const [mine, theirs] = [executor.slots.slot("mine"), executor.slots.slot("theirs")];
  const pidfd = executor.slots.slot("pidfd");
  const p = new ProgramBuilder();
  const child = new ProgramBuilder();
  const into = output(8);
  p.socketPair("pair", { into, first: mine, second: theirs });
  child.close(mine);
  child.call("mount nothing", "mount", ["none", "/nowhere", "nofs", 0, 0]);
  p.clone("make a child", { flags: 0n, role: "child", child: child.instructions, pidfd });
  p.close(theirs);
  p.call("wait for the child", "read", [mine, output(1), 1], { expect: 1 });
  await assert.rejects(executor.run(p.instructions), /cannot mount nothing/);
  executor.close();
});

test("execve along PATH remembers EACCES over ENOENT", async () => {
  const executor = start();
  const p = new ProgramBuilder();
  for (const dir of ["/nowhere", "/etc/passwd", "/"])
    p.call("run it", "execve", [dir, vector(["x"]), vector([])], {
      on: { ENOENT: "continue", EACCES: "remember", ENOTDIR: "continue" },
    });
  p.fail("run it", "ENOENT");
  await assert.rejects(executor.run(p.instructions), /permission denied/);
  executor.close();
});

test("a pause hands over to the next segment, and data goes to a file", async () => {
  const executor = start();
  const file = executor.slots.slot("file");
  const p = new ProgramBuilder();
  p.call("make a file", "memfd_create", ["x", 1], { slot: file });
  p.data("fill it", { into: file, size: 5 });
  p.pause("report");
  assert.equal((await executor.run(p.instructions, [Buffer.from("hello")])).paused, true);
  const next = new ProgramBuilder();
  const buffer = output(16);
  next.call("read it back", "pread64", [file, buffer, 16, 0], {
    answer: { buffer },
    check: { buffer, value: Buffer.from("hello"), mask: Buffer.alloc(5, 0xff) },
  });
  const { answers, paused } = await executor.run(next.instructions);
  assert.equal(paused, false);
  assert.equal(answers[0]!.bytes.toString(), "hello");
  executor.close();
});

test("a program that is run gets its stdin, and what it says on stderr is in the error", async () => {
  const executor = start();
  const run = (script: string, timeout = 0) => {
    const p = new ProgramBuilder();
    p.run("run the hook", {
      path: "/bin/sh",
      args: ["sh", "-c", script],
      env: [],
      stdin: Buffer.from("state"),
      timeout,
    });
    return executor.run(p.instructions);
  };
  await run('test "$(cat)" = state');
  await assert.rejects(run("echo no luck >&2; exit 3"), /cannot run the hook: exit status 3 .*: no luck/);
  await assert.rejects(run("sleep 5", 50), /connection timed out|killed/);
  executor.close();
});

test("a malformed segment ends the session with a clear answer", async () => {
  const executor = start();
  await executor.frames.write(Buffer.concat([u32(32, 8), Buffer.alloc(8)]));
  const frame = await executor.frames.next();
  assert.equal(frame!.payload.subarray(16).toString(), "malformed segment");
});
