import assert from "node:assert/strict";
import { test } from "node:test";
import { collect, launch } from "./testbed/launch.ts";

test("the owner gets stdout and stderr apart and in order, and then the exit code", async () => {
  using shell = await launch("echo one; echo two >&2; printf three; exit 7", {
    attach: { stdout: true, stderr: true },
  });
  const { stdout, stderr } = await collect(shell.client);
  const exit = await shell.client.wait();
  await shell.client.settled();
  assert.deepEqual([stdout, stderr], ["one\nthree", "two\n"]);
  assert.equal(exit.code, 7);
  assert.equal(exit.signal, 0);
  assert.deepEqual(shell.exitFile(), exit);
});

test("the log has every line with its stream, and marks a part", async () => {
  using shell = await launch("echo one; sleep 0.05; echo two >&2; sleep 0.05; printf three");
  await shell.client.wait();
  assert.deepEqual(shell.log(), ["stdout F one", "stderr F two", "stdout P three"]);
});
