import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ProgramBuilder } from "../program/builder.ts";
import { ShimClient } from "./client.ts";
import { gone, launch, until } from "./testbed/launch.ts";

const settle = 'cp "$DIR/exit" "$DIR/settled"';

/** Leaves an empty file where it was told to. */
function touch(path: string) {
  const p = new ProgramBuilder();
  p.call("leave a trace", "mknodat", [-100, path, 0o100644, 0]);
  return p.instructions;
}

test("the stored program has run before the exit is told", async () => {
  const trace = `/tmp/brig-trace-${process.pid}`;
  using shell = await launch("exit 0", { stored: [...touch(trace), ...touch("/nowhere/at/all")] });
  const exit = await shell.client.wait();
  assert.ok(existsSync(trace));
  assert.deepEqual(exit.settleFailure, { errno: 2, step: 2 });
  rmSync(trace);
});

test("an owner that has settled ends the shim, its socket and the matter", async () => {
  using shell = await launch("exit 0", { settle });
  await shell.client.wait();
  await shell.client.settled();
  await until(() => gone(shell));
  assert.ok(!existsSync(shell.socket));
  assert.ok(!existsSync(join(shell.directory, "settled")));
});

test("an owner that leaves after the end leaves the settling to the command", async () => {
  using shell = await launch("exit 9", { settle });
  await shell.client.wait();
  assert.ok(!existsSync(join(shell.directory, "settled")));
  shell.client.close();
  await until(() => gone(shell));
  assert.deepEqual(
    readFileSync(join(shell.directory, "settled")),
    readFileSync(join(shell.directory, "exit")),
  );
});

test("without an owner the shim settles when the process ends", async () => {
  using shell = await launch("read go; exit 9", { settle });
  await shell.client.detach();
  const other = await ShimClient.connect(shell.socket);
  await other.attach({ stdin: true });
  await other.write(Buffer.from("go\n"));
  assert.equal((await other.wait()).code, 9);
  other.close();
  await until(() => gone(shell));
  assert.ok(existsSync(join(shell.directory, "settled")));
  assert.ok(!existsSync(shell.socket));
  await assert.rejects(ShimClient.connect(shell.socket), /cannot reach the container's shim/);
});

test("who claims to have settled before the end is not believed", async () => {
  using shell = await launch("sleep 0.2", { settle });
  await shell.client.settled();
  await until(() => gone(shell));
  assert.ok(existsSync(join(shell.directory, "settled")));
});

test("a client that stays does not keep the shim", async () => {
  using shell = await launch("exit 0", { settle });
  const other = await ShimClient.connect(shell.socket);
  await other.wait();
  shell.client.close();
  await until(() => gone(shell), 6_000);
  assert.ok(existsSync(join(shell.directory, "settled")));
  other.close();
});

test("a kill of the memory cgroup is told from any other", async () => {
  for (const [text, expected] of [
    ["low 0\nmax 3\noom 1\noom_kill 1\n", true],
    ["oom_kill_disable 0\nunder_oom 0\noom_kill 0\n", false],
  ] as const) {
    using shell = await launch("exit 0", { memoryEvents: text });
    assert.equal((await shell.client.wait()).outOfMemory, expected);
  }
});
