import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ShimClient } from "./client.ts";
import { collect, contents, launch, until } from "./testbed/launch.ts";

const everything = { stdin: true, stdout: true, stderr: true };

test("the owner gets stdout and stderr apart and in order, and then the exit code", async () => {
  using shell = await launch("echo one; echo two >&2; printf three; exit 7", { attach: everything });
  const { stdout, stderr } = await collect(shell.client);
  const exit = await shell.client.wait();
  await shell.client.settled();
  assert.deepEqual([stdout, stderr], ["one\nthree", "two\n"]);
  assert.deepEqual([exit.code, exit.signal, exit.outOfMemory], [7, 0, false]);
  assert.ok(Math.abs(Number(exit.finishedAt / 1_000_000n) - Date.now()) < 5_000);
  assert.deepEqual(shell.exitFile(), exit);
});

test("100 MB of output arrive whole", async () => {
  using shell = await launch("head -c 100000000 /dev/zero", { attach: everything });
  let size = 0;
  for await (const item of shell.client.output) if (item.kind === "bytes") size += item.bytes.length;
  assert.equal(size, 100_000_000);
  assert.equal((await shell.client.wait()).code, 0);
});

test("every attached client gets the same output, each from where it came", async () => {
  using shell = await launch("echo early; read go; seq 1 20000", { attach: everything });
  await until(() => existsSync(join(shell.directory, "log")) && shell.log().length === 1);
  const others = await Promise.all([1, 2, 3].map(() => ShimClient.connect(shell.socket)));
  const states = await Promise.all(others.map((client) => client.attach({ stdout: true })));
  for (const state of states)
    assert.equal(state.log.offset, "2016-10-06T00:17:09.669794202Z stdout F early\n".length);
  await shell.client.write(Buffer.from("go\n"));
  const [owner, ...copies] = await Promise.all([shell.client, ...others].map(collect));
  assert.equal(owner!.stdout, `early\n${copies[0]!.stdout}`);
  assert.equal(copies[0]!.stdout.split("\n").length, 20001);
  for (const copy of copies) assert.deepEqual(copy, copies[0]);
});

test("a client that does not read is left to the log, and slows nobody", async () => {
  using shell = await launch("read go; seq 1 300000", { attach: everything });
  const slow = await ShimClient.connect(shell.socket);
  await slow.attach({ stdout: true });
  await shell.client.write(Buffer.from("go\n"));
  const owner = await collect(shell.client);
  assert.equal(owner.stdout.split("\n").length, 300001);

  let [live, from] = ["", -1];
  for await (const item of slow.output) {
    if (item.kind === "bytes") live += item.bytes.toString();
    else from = item.from.offset;
  }
  const missed = contents(readFileSync(join(shell.directory, "log")).subarray(from).toString());
  assert.ok(from > 0 && missed.length > 0);
  assert.equal(live + missed, owner.stdout);
  assert.equal((await slow.wait()).code, 0);
});

test("an owner that does not read holds the process back", async () => {
  using shell = await launch("head -c 20000000 /dev/zero; echo done >&2", { attach: { stdout: true } });
  await sleep(300);
  assert.ok(!shell.log().includes("stderr F done"));
  await collect(shell.client);
  assert.ok(shell.log().includes("stderr F done"));
});

test("an owner that leaves holds nobody back any more", async () => {
  using shell = await launch("head -c 20000000 /dev/zero; echo done >&2", { attach: { stdout: true } });
  const other = await ShimClient.connect(shell.socket);
  await sleep(100);
  shell.client.close();
  assert.equal((await other.wait()).code, 0);
  assert.ok(shell.log().includes("stderr F done"));
});

test("wait is answered at once when the process has ended already", async () => {
  using shell = await launch("exit 3");
  await shell.client.wait();
  const late = await ShimClient.connect(shell.socket);
  assert.equal((await late.wait()).code, 3);
  assert.deepEqual((await late.status()).ended, true);
});

test("a signal ends the process with 128 + its number, and reaches nobody afterwards", async () => {
  using shell = await launch("exec sleep 60");
  const other = await ShimClient.connect(shell.socket);
  await other.signal(9);
  const exit = await shell.client.wait();
  assert.deepEqual([exit.code, exit.signal], [137, 9]);
  await assert.rejects(other.signal(9), /cannot send signal 9: no such process/);
  await assert.rejects(other.resize(1, 1), /cannot resize the terminal: .*/);
});

test("status tells the version of the protocol and the pid", async () => {
  using shell = await launch("echo $$; read go");
  const other = await ShimClient.connect(shell.socket);
  const state = await other.status();
  await until(() => shell.log().length === 1);
  assert.deepEqual([state.version, state.ended], [2, false]);
  assert.deepEqual(shell.log(), [`stdout F ${state.pid}`]);
});

test("the signals that stop a session or a unit do not stop the shim", async () => {
  using shell = await launch("read go; exit 4", { attach: everything });
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1"] as const)
    process.kill(shell.executor.process!.pid!, signal);
  await sleep(50);
  await shell.client.write(Buffer.from("go\n"));
  assert.equal((await shell.client.wait()).code, 4);
});

test("clients beyond the limit are refused, and those there are served on", async () => {
  using shell = await launch("read go; echo done", { attach: everything });
  const crowd: ShimClient[] = [];
  for (let i = 0; i < 80; i++)
    await ShimClient.connect(shell.socket).then(
      (client) => crowd.push(client),
      (error) => assert.equal(error.code, "no-shim"),
    );
  assert.equal(crowd.length, 63);
  await Promise.all(crowd.map((client) => client.status()));
  for (const client of crowd) client.close();
  await shell.client.write(Buffer.from("go\n"));
  assert.equal((await collect(shell.client)).stdout, "done\n");
  assert.equal((await (await ShimClient.connect(shell.socket)).wait()).code, 0);
});

test("what is started in the background is heard for two seconds more and not waited for", async () => {
  using shell = await launch("(sleep 0.3; echo late; sleep 6) & echo first", { attach: everything });
  const before = Date.now();
  assert.equal((await collect(shell.client)).stdout, "first\nlate\n");
  const took = Date.now() - before;
  assert.ok(took > 1_500 && took < 5_500, `${took} ms`);
});
