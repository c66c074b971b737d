/** Changes of a container that lives on: pause, restart, rename, update; and what top and port tell of it. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, test } from "node:test";
import { assertSameHost, type HostState, hostState } from "../fixtures/leaks.ts";
import { image, ownBrig, until } from "./brig.ts";

const { brig, about, end, root } = ownBrig();
let host: HostState;

before(async () => {
  host = hostState({ about });
  await brig("run", "--rm", image, "true");
});
after(end);

const told = async (template: string, name: string) =>
  (await brig("inspect", "-f", template, name)).stdout.trimEnd();
const ticks = (name: string) => brig("logs", name).then(({ stdout }) => stdout.length);

test("a paused container stands still, refuses commands, and goes on", async () => {
  await brig("run", "-d", "--name", "clock", image, "sh", "-c", "while :; do echo; sleep 0.05; done");
  await until(async () => (await ticks("clock")) > 0, "the clock ticks");
  assert.equal((await brig("pause", "clock")).stdout, "clock\n");
  const then = await ticks("clock");
  assert.match((await brig("ps", "--format", "{{.Status}}")).stdout, /^Up .* \(Paused\)\n$/);
  assert.equal(
    await told("{{.State.Status}} {{.State.Running}} {{.State.Paused}}", "clock"),
    "paused true true",
  );
  assert.deepEqual(await brig("exec", "clock", "true"), {
    code: 1,
    stdout: "",
    stderr: "brig: Container clock is paused, unpause the container before exec\n",
  });
  assert.match((await brig("attach", "clock")).stderr, /cannot attach to a paused container/);
  assert.match((await brig("pause", "clock")).stderr, /is already paused/);
  assert.equal((await brig("start", "clock")).code, 1);
  assert.equal(await ticks("clock"), then);
  assert.equal((await brig("unpause", "clock")).stdout, "clock\n");
  await until(async () => (await ticks("clock")) > then, "the clock goes on");
  assert.match((await brig("unpause", "clock")).stderr, /is not paused/);
});

test("a paused container can be killed, stopped and removed", async () => {
  for (const words of [["kill"], ["stop", "-t", "0"], ["restart", "-t", "0"], ["rm", "-f"]]) {
    await brig("start", "clock");
    await brig("pause", "clock");
    const { code, stderr } = await brig(...words, "clock");
    assert.deepEqual([code, stderr], [0, ""], words.join(" "));
    if (words[0] === "kill") await brig("wait", "clock");
  }
  assert.equal((await brig("inspect", "clock")).code, 1);
});

test("what a killed brig has paused or changed half way, the next one puts right", async () => {
  await brig("run", "-d", "--name", "half", "-m", "64m", image, "sleep", "100");
  await brig("pause", "half");
  const database = new DatabaseSync(join(root, "brig.db"));
  const { spec } = database.prepare("SELECT spec FROM container").get() as { spec: string };
  const changed = JSON.stringify({ ...JSON.parse(spec), resources: { memory: 32 << 20 } });
  database.prepare("UPDATE container SET owner = '1-1-gone', spec = ?").run(changed);
  database.close();
  assert.match((await brig("ps", "--format", "{{.Status}}")).stdout, /^Up [^(]*\n$/);
  assert.equal((await brig("exec", "half", "echo", "in")).stdout, "in\n");
  assert.equal(memoryLimit(await told("{{.Id}}", "half")), 32 << 20);
  await brig("rm", "-f", "half");
});

test("a restarted container is another process with the same files", async () => {
  await brig("run", "-d", "--name", "again", image, "sh", "-c", "echo x >>/made; cat /made; exec sleep 100");
  const pid = await told("{{.State.Pid}}", "again");
  assert.equal((await brig("restart", "-t", "0", "again")).stdout, "again\n");
  assert.notEqual(await told("{{.State.Pid}}", "again"), pid);
  await until(async () => (await brig("logs", "again")).stdout === "x\nx\nx\n", "both have written");
  await brig("stop", "-t", "0", "again");
  assert.equal((await brig("restart", "again")).code, 0);
  assert.equal(await told("{{.State.Status}}", "again"), "running");
  assert.deepEqual(await brig("restart", "no-such"), {
    code: 1,
    stdout: "",
    stderr: "brig: No such container: no-such\n",
  });
  await brig("rm", "-f", "again");
});

test("a container that removes itself lives through a restart, and not through the end of whoever restarts it", async () => {
  await brig("run", "-d", "--rm", "--name", "own", image, "sleep", "100");
  assert.equal((await brig("restart", "-t", "0", "own")).code, 0);
  assert.equal(await told("{{.State.Status}}", "own"), "running");
  await brig("stop", "-t", "0", "own");
  assert.equal((await brig("ps", "-aq")).stdout, "");

  await brig("create", "--rm", "--name", "own", image, "true");
  const database = new DatabaseSync(join(root, "brig.db"));
  database.exec("UPDATE container SET state = 'exited', restarter = '1-1-gone'");
  database.close();
  assert.equal((await brig("ps", "-aq")).stdout, "");
});

test("a name can be changed while it runs, to one that is free and well formed", async () => {
  await brig("run", "-d", "--name", "old", image, "sleep", "100");
  await brig("create", "--name", "other", image, "true");
  assert.deepEqual(await brig("rename", "old", "new"), { code: 0, stdout: "", stderr: "" });
  assert.equal(await told("{{.Name}} {{.State.Status}}", "new"), "/new running");
  for (const [name, reason] of [
    ["other", /already in use/],
    ["new", /the same name/],
    ["bad name", /Invalid container name/],
    ["", /may be empty/],
  ] as const) {
    const { code, stderr } = await brig("rename", "new", name);
    assert.equal(code, 1);
    assert.match(stderr, reason);
  }
  assert.equal((await brig("rm", "-f", "new", "other")).code, 0);
});

test("top lists the processes of one container, by the host's pids", async () => {
  await brig("run", "-d", "--name", "busy", image, "sh", "-c", "sleep 101 & exec sleep 102");
  await until(async () => (await brig("top", "busy")).stdout.split("\n").length === 4, "both sleep");
  const { stdout } = await brig("top", "busy", "-o", "pid,args");
  const pid = await told("{{.State.Pid}}", "busy");
  assert.match(stdout, /^PID {17}COMMAND\n/);
  assert.match(stdout, new RegExp(`^${pid} +sleep 102$`, "m"));
  assert.match(stdout, /sleep 101$/m);
  assert.equal((await brig("top", "busy", "-o", "args")).code, 1);
  await brig("kill", "busy");
  await brig("wait", "busy");
  assert.match((await brig("top", "busy")).stderr, /Container busy is not running/);
  await brig("rm", "busy");
});

test("port tells where a port is published", async () => {
  await brig(
    "run",
    "-d",
    "--name",
    "web",
    "-p",
    "127.0.0.1:18471:80",
    "-p",
    "18472:53/udp",
    image,
    "sleep",
    "100",
  );
  assert.equal((await brig("port", "web")).stdout, "53/udp -> 0.0.0.0:18472\n80/tcp -> 127.0.0.1:18471\n");
  assert.equal((await brig("port", "web", "80")).stdout, "127.0.0.1:18471\n");
  assert.equal((await brig("port", "web", "53/udp")).stdout, "0.0.0.0:18472\n");
  assert.deepEqual(await brig("port", "web", "53"), {
    code: 1,
    stdout: "",
    stderr: "brig: No public port '53/tcp' published for web\n",
  });
  await brig("rm", "-f", "web");
});

test("limits can be changed while it runs, and are kept", async () => {
  await brig("run", "-d", "--name", "limited", "-m", "64m", image, "sleep", "100");
  const id = await told("{{.Id}}", "limited");
  assert.equal((await brig("update", "-m", "100m", "--pids-limit", "9", "limited")).stdout, "limited\n");
  assert.equal(memoryLimit(id), 100 << 20);
  const { code, stderr } = await brig("update", "-m", "256m", "limited");
  assert.deepEqual([code, /already set memoryswap/.test(stderr)], [1, true], stderr);
  assert.equal(memoryLimit(id), 100 << 20);
  assert.equal((await brig("update", "-m", "256m", "--memory-swap", "-1", "limited")).code, 0);
  assert.equal((await brig("update", "--restart", "on-failure:3", "limited")).code, 0);
  const fields = "{{.HostConfig.Memory}} {{.HostConfig.PidsLimit}} {{json .HostConfig.RestartPolicy}}";
  assert.equal(await told(fields, "limited"), `${256 << 20} 9 {"Name":"on-failure","MaximumRetryCount":3}`);
  await brig("restart", "-t", "0", "limited");
  assert.equal(memoryLimit(id), 256 << 20);
  for (const words of [
    ["limited"],
    ["--cpus", "1000", "limited"],
    ["-m", "1m", "limited"],
    ["-m", "64m", "no-such"],
  ])
    assert.equal((await brig("update", ...words)).code, 1, words.join(" "));
  await brig("rm", "-f", "limited");
});

test("sizes tell what a container has written, whatever it is", async () => {
  const script =
    "echo hello >/a; ln /a /b; mkdir -p /d/e; ln -s abc /d/l; printf 12 >/d/e/f; mkfifo /p; rm /bin/sh";
  await brig("run", "--name", "sized", image, "sh", "-c", script);
  assert.equal(await told("{{.Name}}", "sized"), "/sized");
  const { stdout } = await brig("inspect", "-s", "-f", "{{.SizeRw}} {{.SizeRootFs}}", "sized");
  const [written, root] = stdout.split(" ").map(Number);
  assert.equal(written, 6 + 3 + 2);
  assert.ok(root! > 1_000_000);
  assert.match((await brig("ps", "-as")).stdout, /SIZE\n.* 11B \(virtual [\d.]+MB\)\n$/);
  assert.match((await brig("ps", "-a", "--format", "{{.Size}}")).stdout, /^11B /);
  await brig("rm", "sized");
});

test("no change has left anything behind", async () => {
  await brig("system", "release");
  await assertSameHost(host, { about });
});

/** Bytes, as the kernel has it in v1 or v2. */
function memoryLimit(id: string): number {
  const parent = `brig-${about[1]}/${id}`;
  for (const file of [
    ...readdirSync("/sys/fs/cgroup").map((tree) => `/sys/fs/cgroup/${tree}/${parent}/memory.limit_in_bytes`),
    `/sys/fs/cgroup/${parent}/memory.max`,
  ])
    try {
      return Number(readFileSync(file, "utf8"));
    } catch {
      // Not in this hierarchy.
    }
  throw new Error(`cannot find the memory limit of ${id}`);
}
