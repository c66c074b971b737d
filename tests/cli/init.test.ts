/** `--init`: the container's first process buries what dies, passes signals on, and is nothing of the host's. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { image, ownBrig, until } from "./brig.ts";

const { brig, end, executable } = ownBrig();
const run = (...words: readonly string[]) => brig("run", "--rm", "--init", image, ...words);

before(async () => {
  await brig("run", "--rm", image, "true");
});
after(end);

test("the command is the second process, and its end is the container's", async () => {
  assert.match((await run("ps", "-o", "pid,comm")).stdout, /^ +1 docker-init\n +2 ps$/m);
  for (const [script, code] of [
    ["exit 7", 7],
    ["kill -9 $$", 137],
    ["true", 0],
  ] as const)
    assert.equal((await run("sh", "-c", script)).code, code);
});

test("a command that cannot be executed has the code that a shell gives it", async () => {
  assert.deepEqual(await run("no-such"), {
    code: 127,
    stdout: "",
    stderr: "docker-init: cannot execute no-such: No such file or directory\n",
  });
  assert.equal((await run("/etc")).code, 126);
  assert.equal((await run("./no/such")).code, 127);
});

test("orphans are buried", async () => {
  const script = "for i in 1 2 3; do (sleep 0.05 &); done; sleep 0.5; ps -o stat | grep -c Z; true";
  assert.equal((await run("sh", "-c", script)).stdout, "0\n");
  const without = await brig("run", "--rm", image, "sh", "-c", `${script}; :`);
  assert.match(without.stdout, /^\d\n$/);
});

test("every signal reaches the command, real-time ones as well", async () => {
  const traps = 'for s in HUP INT USR1 TERM 34 64; do trap "echo got $s" $s; done';
  await brig(
    "run",
    "-d",
    "--init",
    "--name",
    "told",
    image,
    "sh",
    "-c",
    `${traps}; echo up; while :; do sleep 0.05; done`,
  );
  const logs = async () => (await brig("logs", "told")).stdout;
  await until(async () => (await logs()) === "up\n", "it is up");
  for (const signal of ["HUP", "INT", "USR1", "TERM", "34", "64"]) {
    await brig("kill", "-s", signal, "told");
    await until(async () => (await logs()).endsWith(`got ${signal}\n`), `${signal} has arrived`);
  }
  assert.equal(
    await brig("inspect", "-f", "{{.Path}} {{.HostConfig.Init}}", "told").then((r) => r.stdout),
    "sh true\n",
  );
  await brig("rm", "-f", "told");
});

test("the program is a copy that nobody in the container can change, and the only thing there", async () => {
  const shim = join(dirname(executable), "brig-shim");
  const before = readFileSync(shim);
  const script =
    "ls -A /dev/init; for f in /dev/init/docker-init /proc/1/exe /proc/self/exe; do (echo x >$f) 2>/dev/null && echo wrote $f; done; touch /dev/init/x 2>&1; wc -c </dev/init/docker-init; ls /proc/1/fd | wc -l";
  const { stdout } = await run("sh", "-c", script);
  assert.doesNotMatch(stdout.replace(/wrote \/proc\/self\/exe\n/, ""), /wrote/);
  assert.match(stdout, /^docker-init\n/);
  assert.match(stdout, /Read-only file system/);
  assert.match(stdout, new RegExp(`^${before.length}\\n3\\n$`, "m"));
  assert.deepEqual(readFileSync(shim), before);
  // Whoever may mount can change his own copy, and nothing else.
  const mighty = ["--cap-add", "SYS_ADMIN", "--security-opt", "seccomp=unconfined"];
  await brig(
    "run",
    "--rm",
    "--init",
    ...mighty,
    image,
    "sh",
    "-c",
    "mount -o remount,rw /dev/init && rm -f /dev/init/docker-init && echo x >/dev/init/docker-init",
  );
  assert.deepEqual(readFileSync(shim), before);
});

test("explain shows it, and it leaves nothing in the container's layer", async () => {
  const { stdout } = await brig("explain", "run", "--init", image, "true");
  assert.match(stdout, /copy it .*--init.*\n.*sendfile\(/);
  assert.match(stdout, /execve\("\/dev\/init\/docker-init", \["\/dev\/init\/docker-init", "--", "true"\]/);
  await brig("run", "--init", "--name", "plain", image, "true");
  assert.equal((await brig("inspect", "-s", "-f", "{{.SizeRw}}", "plain")).stdout, "0\n");
  await brig("rm", "plain");
});

test("without privileges and without a root that can be written it works as well", async () => {
  const flags = ["--read-only", "--cap-drop", "ALL", "-u", "1000", "--security-opt", "no-new-privileges"];
  assert.equal((await brig("run", "--rm", "--init", ...flags, image, "id", "-u")).stdout, "1000\n");
  assert.equal((await brig("run", "--rm", "--init", "--pid", "host", image, "sh", "-c", "exit 4")).code, 4);
});
