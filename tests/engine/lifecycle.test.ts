/** The states of a container and what leads from one to the next, also when nobody is there to lead it. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { image, ownBrig, until } from "../cli/brig.ts";
import { assertSameHost, type HostState, hostState } from "../fixtures/leaks.ts";
import { contradictions, type Place, rowsOf } from "./remains.ts";

const { brig, start, about, root, end } = ownBrig();
const place: Place = { root, runRoot: join(root, "run"), hash: about[1]! };
let host: HostState;

before(async () => {
  host = hostState({ about });
  const first = await brig("run", "--rm", image, "true");
  assert.equal(first.code, 0, first.stderr);
});
after(end);

const told = async (name: string, what: string) =>
  (await brig("inspect", "-f", `{{.State.${what}}}`, name)).stdout.trim();
const state = (name: string) => told(name, "Status");
/** Succeeds, and says so. */
async function ok(...words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await brig(...words);
  assert.deepEqual([code, stderr], [0, ""], words.join(" "));
  return stdout.trim();
}
const inOrder = () =>
  until(() => contradictions(place).length === 0, "all is in order").catch(() =>
    assert.deepEqual(contradictions(place), []),
  );

const shimOf = (name: string) =>
  Number(
    rowsOf(place)
      .find((row) => row.name === name)!
      .shim!.split("_")[0],
  );

/** Prints when it is ready for signals, and what becomes of SIGTERM. */
const patient = "trap 'echo asked; exit 3' TERM; echo ready; while :; do sleep 0.02; done";
const deaf = "trap '' TERM; echo ready; while :; do sleep 0.02; done";

async function running(name: string, script: string): Promise<void> {
  await ok("run", "-d", "--name", name, image, "sh", "-c", script);
  await until(async () => (await ok("logs", name)).includes("ready"), `${name} is ready`);
}

test("a container that is asked to stop ends as it likes, and one that does not listen is killed", async () => {
  await running("good", patient);
  await ok("stop", "good");
  assert.deepEqual([await state("good"), await told("good", "ExitCode")], ["exited", "3"]);
  await running("bad", deaf);
  const before = performance.now();
  await ok("stop", "-t", "1", "bad");
  const took = performance.now() - before;
  assert(took >= 1000 && took < 4000, `it took ${took} ms`);
  assert.deepEqual([await state("bad"), await told("bad", "ExitCode")], ["exited", "137"]);
  await ok("rm", "good", "bad");
});

test("stopping one that does not run changes nothing", async () => {
  await ok("create", "--name", "new", image, "true");
  await ok("stop", "new");
  assert.equal(await state("new"), "created");
  await ok("rm", "new");
});

test("a container starts again with its files, a new address book and its log going on", async () => {
  await ok(
    "run",
    "--name",
    "twice",
    image,
    "sh",
    "-c",
    "test -f /was && cat /was || echo first; echo second > /was",
  );
  await ok("start", "twice");
  assert.equal(await ok("wait", "twice"), "0");
  assert.match(await ok("logs", "twice"), /^first\nsecond$/m);
  await ok("rm", "twice");
});

test("who follows a log sees the end of the run, and who follows again both runs", async () => {
  await running("said", patient);
  const follower = start("logs", "-f", "said");
  const followed = once(follower, "close");
  let output = "";
  follower.stdout.on("data", (text) => (output += text));
  await ok("stop", "said");
  await followed;
  assert.equal(output, "ready\nasked\n");
  await ok("start", "said");
  await until(
    async () => (await ok("logs", "said")) === "ready\nasked\nready",
    "the second run is in the log",
  );
  await ok("rm", "-f", "said");
});

/** Signal, exit code. */
const signals: readonly (readonly [string, string])[] = [
  ["TERM", "3"],
  ["KILL", "137"],
  ["SIGINT", "130"],
  ["9", "137"],
];

test("signals arrive by name and by number", async () => {
  // An init that asks for nothing gets no SIGINT: this one asks for the default by a trap that ends it so.
  const script = "trap 'exit 130' INT; " + patient;
  for (const [signal, code] of signals) {
    await running("target", script);
    await ok("kill", "-s", signal, "target");
    assert.equal(await ok("wait", "target"), code, signal);
    await ok("rm", "target");
  }
});

test("a container that nobody waits for is removed by what its shim becomes", async () => {
  const id = await ok("run", "-d", "--rm", "-v", "/data", image, "sh", "-c", "sleep 0.3; echo x > /data/x");
  assert(existsSync(join(root, "containers", id)));
  await until(() => !existsSync(join(root, "containers", id)), "its files are gone");
  await inOrder();
});

test("rm -f takes a running container with all it has, and a second one finds nothing", async () => {
  await running("doomed", deaf);
  const [first, second] = await Promise.all([brig("rm", "-f", "doomed"), brig("rm", "-f", "doomed")]);
  assert([first, second].some(({ code, stdout }) => code === 0 && stdout === "doomed\n"));
  assert.equal((await brig("inspect", "doomed")).code, 1);
  await inOrder();
});

test("a container in the foreground that somebody else removes ends as a killed one", async () => {
  for (const options of [["--rm"], []]) {
    const child = start("run", ...options, "--name", "taken", image, "sh", "-c", deaf);
    const closed = once(child, "close");
    await once(child.stdout, "data");
    await ok("rm", "-f", "taken");
    const [code] = await closed;
    assert.equal(code, 137);
  }
  await inOrder();
});

test("when its shim is killed the container ends, and the one who waits learns of it", async () => {
  const child = start("run", "--rm", "--name", "orphan", image, "sh", "-c", deaf);
  const closed = once(child, "close");
  await once(child.stdout, "data");
  process.kill(shimOf("orphan"), "SIGKILL");
  const [code] = await closed;
  assert.equal(code, 137);
  await inOrder();
  await running("orphan", deaf);
  process.kill(shimOf("orphan"), "SIGKILL");
  assert.equal(await ok("wait", "orphan"), "137");
  assert.equal(await state("orphan"), "exited");
  await ok("rm", "orphan");
});

test("a container that is suspended with its command is told as ended all the same", async () => {
  const child = start("run", "--name", "slept", image, "sh", "-c", "echo ready; sleep 0.5");
  const closed = once(child, "close");
  await once(child.stdout, "data");
  child.kill("SIGSTOP");
  try {
    await until(async () => (await state("slept")) === "exited", "it is told as exited");
  } finally {
    child.kill("SIGCONT");
  }
  assert.deepEqual(await closed, [0, null]);
  await ok("rm", "slept");
});

test("names in use, beginnings of ids that fit several, and what does not exist are refused", async () => {
  const id = await ok("create", "--name", "used", image, "true");
  const again = await brig("create", "--name", "used", image, "true");
  assert.equal(again.code, 1);
  assert.match(again.stderr, new RegExp(`the name "/used" is already in use by container "${id}"`));
  const ids = [id];
  while (new Set(ids.map((each) => each[0])).size === ids.length) ids.push(await ok("create", image, "true"));
  const shared = ids.at(-1)![0]!;
  const { code, stderr } = await brig("inspect", shared);
  assert.deepEqual([code, stderr], [1, `brig: multiple IDs found with provided prefix: ${shared}\n`]);
  assert.equal(await ok("inspect", "-f", "{{.Id}}", ids[0]!.slice(0, 20)), id);
  await ok("rm", ...ids);
  assert.match((await brig("start", "used")).stderr, /No such container: used/);
});

test("one that cannot start stays, created, with the reason; with --rm nothing stays", async () => {
  const lost = await brig("run", "--name", "lost", "-p", "18441:80", image, "no-such-program");
  assert.equal(lost.code, 127);
  assert.deepEqual([await state("lost"), await told("lost", "ExitCode")], ["created", "127"]);
  assert.match(await told("lost", "Error"), /executable file not found/);
  await ok("rm", "lost");
  assert.equal((await brig("run", "--rm", "-p", "18441:80", image, "no-such-program")).code, 127);
  await inOrder();
});

test("no other user of the host sees into what containers, volumes and images hold", async () => {
  await ok("run", "--name", "secret", "-e", "PASSWORD=x", "-v", "kept:/data", image, "echo", "log");
  for (const name of ["brig.db", "containers", "volumes", "layers", "image", "run/c"])
    assert.equal(statSync(join(root, name)).mode & 0o077, 0, name);
  await ok("rm", "secret");
});

test("a mode mask of the caller's does not keep the container's users out of its files", async () => {
  const look = "cat /etc/hosts > /dev/null; stat -c %a / /data /etc/hosts";
  const before = process.umask(0o077);
  try {
    assert.equal(
      await ok("run", "--rm", "-u", "1000", "-v", "/data", image, "sh", "-c", look),
      "755\n755\n644",
    );
  } finally {
    process.umask(before);
  }
});

test("the host is as it was before the first run", async () => {
  assert.equal(await ok("ps", "-aq"), "");
  await brig("system", "release");
  await assertSameHost(host, { about });
});
