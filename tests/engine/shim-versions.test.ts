/**
 * Shims of other versions of the protocol (native/wire.h): brig was exchanged while containers ran. One of the version
 * before serves every command; one from the future is refused in words, and neither it nor its container is lost.
 *
 * Both are built here from native/: -DSHIM_VERSION= leaves out what is newer.
 */

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { cpSync, globSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import type { ContainerId } from "../../src/base/ids.ts";
import { paths, rootsOf } from "../../src/engine/roots.ts";
import { ShimClient } from "../../src/kernel/shim/client.ts";
import { exitName, parseExit, shimVersion, socketName } from "../../src/kernel/shim/wire.ts";
import { image, ownBrig, type Result, until } from "../cli/brig.ts";
import { assertSameHost, type HostState, hostState } from "../fixtures/leaks.ts";
import { checkout } from "../fixtures/sources.ts";

const { brig, brigWith, start, root, about, executable, environment, end } = ownBrig();
const [previous, future] = [shimVersion - 1, shimVersion + 1];
let host: HostState;

before(async () => {
  host = hostState({ about });
  assert.equal((await brig("run", "--rm", image, "true")).code, 0);
});
/** What a test that failed has left. */
afterEach(() => brig("rm", "-f", "old", "passing", "flood", "later"));
after(end);

/** The path of a shim that speaks that version. */
function shimOf(version: number): string {
  const shim = join(root, `brig-shim-${version}`);
  const sources = globSync(join(checkout, "native/*.c"));
  const kernel = ["-idirafter", "/usr/include", "-idirafter", "/usr/include/x86_64-linux-gnu"];
  const flags = ["-std=c17", "-Os", "-static", `-DSHIM_VERSION=${version}`, ...kernel];
  execFileSync("musl-gcc", [...flags, "-o", shim, ...sources]);
  return shim;
}

function ran(program: string, args: readonly string[], shim: string): Promise<Result> {
  const child = spawn(program, args, { env: { ...environment, BRIG_SHIM: shim } });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (text) => (stdout += text));
  child.stderr.on("data", (text) => (stderr += text));
  child.stdin.end();
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, stdout, stderr })));
}

async function runUnder(shim: string, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await ran(executable, ["run", "-d", ...args], shim);
  assert.deepEqual([code, stderr], [0, ""]);
  return stdout.trim();
}

/** What a shim leaves there is named by the beginning of the container's id. */
const runFile = (id: string, name: string) =>
  join(paths.run(rootsOf(root, join(root, "run")), id as ContainerId), name);

test("a shim of the version before serves every command", async (t) => {
  const shim = shimOf(previous);
  const patient = "trap 'exit 7' TERM; echo begun; while :; do sleep 0.05; done";
  const id = await runUnder(shim, "--name", "old", image, "sh", "-c", patient);
  const client = await ShimClient.connect(runFile(id, socketName));
  assert.equal((await client.status()).version, previous);
  client.close();

  await until(async () => (await brig("logs", "old")).stdout === "begun\n", "it has begun");
  const entered = await brigWith("in\n", "exec", "-i", "old", "sh", "-c", "cat; echo err >&2; exit 3");
  assert.deepEqual([entered.code, entered.stdout, entered.stderr], [3, "in\n", "err\n"]);
  assert.equal((await brig("cp", join(checkout, "LICENSE"), "old:/")).code, 0);
  assert.equal((await brig("exec", "old", "cat", "/LICENSE")).stdout, String(readFileSync("LICENSE")));
  for (const verb of ["pause", "unpause"]) assert.equal((await brig(verb, "old")).code, 0);
  assert.match((await brig("top", "old")).stdout, /sleep 0.05/);
  const attached = brig("attach", "--no-stdin", "old");
  const waited = brig("wait", "old");
  assert.equal((await brig("kill", "-s", "WINCH", "old")).code, 0);
  assert.equal((await brig("stop", "old")).code, 0);
  assert.deepEqual([(await attached).code, (await waited).stdout], [7, "7\n"]);
  // From here on its shim is a new one.
  assert.equal((await brig("start", "old")).code, 0);
  assert.equal((await brig("rm", "-f", "old")).code, 0);

  await runUnder(shim, "--rm", "--name", "passing", image, "true");
  await until(async () => (await brig("ps", "-aq")).stdout === "", "it has removed itself");
  t.diagnostic(`version ${previous} beside ${shimVersion}`);
});

test("a client that lagged behind a shim of the version before goes on from the log", async () => {
  const shim = shimOf(previous);
  const script = "until [ -e /go ]; do sleep 0.05; done; seq 1 200000";
  const id = await runUnder(shim, "--name", "flood", image, "sh", "-c", script);
  const late = start("attach", "--no-stdin", "flood");
  late.stdout.pause();
  let text = "";
  await until(async () => (await brig("exec", "flood", "true")).code === 0, "it runs");
  await new Promise((resolve) => setTimeout(resolve, 500));
  await brig("exec", "flood", "touch", "/go");
  await brig("wait", "flood");
  assert.equal(parseExit(readFileSync(runFile(id, exitName))).logRotations, undefined);
  const closed = new Promise((resolve) => late.on("close", resolve));
  late.stdout.on("data", (bytes) => (text += bytes)).resume();
  await closed;
  assert.equal(text, Array.from({ length: 200_000 }, (_, i) => `${i + 1}\n`).join(""));
  await brig("rm", "flood");
});

/** The sources with the version after ours, as the brig that started the container. */
function futureBrig(): string {
  const tree = join(root, "future");
  mkdirSync(tree);
  for (const name of ["src", "package.json"])
    cpSync(join(checkout, name), join(tree, name), { recursive: true });
  symlinkSync(join(checkout, "node_modules"), join(tree, "node_modules"));
  const wire = join(tree, "src/kernel/shim/wire.ts");
  const ours = `shimVersion = ${shimVersion};`;
  const text = readFileSync(wire, "utf8");
  assert.ok(text.includes(ours));
  writeFileSync(wire, text.replace(ours, `shimVersion = ${future};`));
  return join(tree, "src/main.ts");
}

const refused = new RegExp(
  `^brig: .*cannot speak to the container's shim: its protocol has version ${future}, and this brig knows those from \\d to ${shimVersion}; use the newer brig that started the container`,
  "i",
);

test("a shim from the future is refused, and its container goes on", async () => {
  const [shim, main] = [shimOf(future), futureBrig()];
  const futurely = (...args: readonly string[]) =>
    ran(process.execPath, ["--no-warnings", main, ...args], shim);
  const patient = "trap 'exit 7' TERM; echo begun; while :; do sleep 0.05; done";
  const started = await futurely("run", "-d", "--name", "later", image, "sh", "-c", patient);
  assert.deepEqual([started.code, started.stderr], [0, ""]);
  const lines: readonly (readonly string[])[] = [
    ["exec", "later", "true"],
    ["attach", "--no-stdin", "later"],
    ["kill", "later"],
    ["stop", "later"],
    ["restart", "later"],
    ["cp", "later:/etc/passwd", "-"],
  ];
  for (const line of lines) {
    const ended = await brig(...line);
    assert.match(ended.stderr, refused, line.join(" "));
    assert.notEqual(ended.code, 0);
    assert.equal((await brig("inspect", "-f", "{{.State.Status}}", "later")).stdout, "running\n");
  }
  // What needs no word with the shim is done.
  await until(async () => (await brig("logs", "later")).stdout === "begun\n", "it has begun");
  for (const verb of ["pause", "unpause"]) assert.equal((await brig(verb, "later")).code, 0);
  const waited = brig("wait", "later");
  assert.equal((await futurely("stop", "later")).code, 0);
  assert.equal((await waited).stdout, "7\n");
  assert.equal((await brig("rm", "later")).code, 0);
});

test("a container whose brig knows its shim no more can still be removed by force", async () => {
  const [shim, main] = [join(root, `brig-shim-${future}`), join(root, "future/src/main.ts")];
  const args = ["--no-warnings", main, "run", "-d", "--name", "later", image, "sleep", "1000"];
  assert.equal((await ran(process.execPath, args, shim)).code, 0);
  assert.match((await brig("rm", "later")).stderr, /container is running/);
  assert.equal((await brig("rm", "-f", "later")).code, 0);
  assert.equal((await brig("ps", "-aq")).stdout, "");
});

test("half an upgrade, a brig with a shim that is newer, starts nothing", async () => {
  const shim = join(root, `brig-shim-${future}`);
  const ended = await ran(executable, ["run", "--rm", image, "sleep", "1000"], shim);
  assert.equal(ended.code, 125);
  assert.match(ended.stderr, refused);
  assert.equal((await brig("ps", "-aq")).stdout, "");
  await brig("system", "release");
  await assertSameHost(host, { about });
});
