/** `brig run` as a user sees it: exit codes, streams, signals, and what is left afterwards. */

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { assertSameHost, type HostState, hostState } from "../fixtures/leaks.ts";
import { image, ownBrig, until } from "./brig.ts";

const { brig, brigWith, start, about, root, end } = ownBrig();
let host: HostState;

before(async () => {
  host = hostState({ about });
  const first = await brig("run", "--rm", image, "true");
  assert.equal(first.code, 0, first.stderr);
});
after(end);

/** Command in the container, exit code, last line but the hint on stderr. */
const ends: readonly (readonly [readonly string[], number, string])[] = [
  [["true"], 0, ""],
  [["sh", "-c", "exit 42"], 42, ""],
  [["sh", "-c", "exec 2>/dev/null; sh -c 'kill -9 $$'; exit $?"], 137, ""],
  [["no-such-program"], 127, 'brig: cannot execute "no-such-program": executable file not found in $PATH'],
  [["/etc"], 126, 'brig: cannot execute "/etc": permission denied'],
];

test("the exit code is the program's, or says why there was none", async () => {
  for (const [command, code, message] of ends) {
    const ended = await brig("run", "--rm", image, ...command);
    assert.deepEqual([ended.code, ended.stdout], [code, ""], command.join(" "));
    const hint = "\n\nRun 'brig run --help' for more information\n";
    assert.equal(ended.stderr, message === "" ? "" : message + hint);
  }
});

/** What brig refuses, exit code, first line on stderr. */
const refusals: readonly (readonly [string, number, string])[] = [
  ["run --no-such-flag x", 125, "unknown flag: --no-such-flag"],
  ["run", 1, "brig: 'brig run' requires at least 1 argument"],
  ["run --rm --restart always x", 125, "brig: conflicting options: cannot specify both --restart and --rm"],
  [
    "create --rm --restart always x",
    125,
    "brig: conflicting options: cannot specify both --restart and --rm",
  ],
  ["run -d -a stdin x", 1, "brig: conflicting options: cannot specify both --attach and --detach"],
  ["run -it x", 1, "brig: the input device is not a TTY"],
  ["run no-such-image", 125, "Unable to find image 'no-such-image:latest' locally"],
  ["create no-such-image", 1, "Unable to find image 'no-such-image:latest' locally"],
  ["run --pull never no-such-image", 125, "brig: No such image: no-such-image:latest"],
  ["run UPPER", 125, "brig: invalid reference format: repository name (library/UPPER) must be lowercase"],
  [
    `run --name bad/name ${image}`,
    125,
    "brig: Invalid container name (bad/name), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed",
  ],
  [`run --memory 1m ${image}`, 125, "brig: Minimum memory limit allowed is 6MB"],
  [`create --memory 1m ${image}`, 1, "brig: Minimum memory limit allowed is 6MB"],
  [
    `create --cpus 1 --cpu-quota 9000 ${image}`,
    1,
    "brig: Conflicting options: Nano CPUs and CPU Quota cannot both be set",
  ],
  [
    "run --network container:x -p 80 i",
    125,
    "brig: conflicting options: port publishing and the container type network mode",
  ],
  ["create --network container:x -h y i", 1, "brig: conflicting options: hostname and the network mode"],
  ["create -p x i", 125, "brig: invalid containerPort: x"],
  [`run --network container:no-such ${image}`, 125, "brig: No such container: no-such"],
  [`run --network container: ${image}`, 125, "brig: invalid container format container:<name|id>"],
  ["start no-such-container", 1, "brig: No such container: no-such-container"],
  ["nonsense", 1, "brig: unknown command: brig nonsense"],
];

test("what makes no sense is refused with Docker's exit codes", async () => {
  for (const [line, code, message] of refusals) {
    const ended = await brig(...line.split(" "));
    assert.deepEqual([ended.code, ended.stdout, ended.stderr.split("\n")[0]], [code, "", message], line);
  }
  assert.equal((await brig("ps", "-aq")).stdout, "");
});

test("an error never shows where in the program it arose", async () => {
  const { stderr } = await brig("run", "no-such-image");
  assert.doesNotMatch(stderr, /\.ts|\bat \w/);
});

test("stdout and stderr are apart", async () => {
  const ended = await brig("run", "--rm", image, "sh", "-c", "echo out; echo err >&2");
  assert.deepEqual(ended, { code: 0, stdout: "out\n", stderr: "err\n" });
});

test("with -i stdin goes in, with its end, and without -i it does not", async () => {
  const open = await brigWith("hello\n", "run", "-i", "--rm", image, "sh", "-c", "cat; echo end");
  assert.equal(open.stdout, "hello\nend\n");
  const closed = await brigWith("hello\n", "run", "--rm", image, "sh", "-c", "cat; echo end");
  assert.equal(closed.stdout, "end\n");
});

test("megabytes go in and come out as they were", async () => {
  const data = randomBytes(8 * 1024 * 1024);
  const { code, stdout } = await brigWith(data, "run", "-i", "--rm", image, "cat");
  assert.equal(code, 0);
  assert(Buffer.from(stdout, "latin1").equals(data));
});

test("a slow reader slows the program down, and gets everything", async () => {
  const child = start("run", "--rm", image, "sh", "-c", "head -c 3000000 /dev/zero");
  let size = 0;
  for await (const chunk of child.stdout) {
    size += chunk.length;
    if (size < 500_000) await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.equal(size, 3_000_000);
});

test("only the streams that are asked for are connected", async () => {
  const ended = await brig("run", "--rm", "-a", "stderr", image, "sh", "-c", "echo out; echo err >&2");
  assert.deepEqual(ended, { code: 0, stdout: "", stderr: "err\n" });
});

test("signals to the command reach the program", async () => {
  const script = "trap 'echo caught; exit 9' TERM; echo ready; while :; do sleep 0.05; done";
  const child = start("run", "--rm", image, "sh", "-c", script);
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text) => (output += text));
  await until(() => output === "ready\n", "the trap is set");
  child.kill("SIGTERM");
  const [code] = await once(child, "close");
  assert.deepEqual([code, output], [9, "ready\ncaught\n"]);
});

test("when the reader of its output goes, the command ends quietly, and the container goes on", async () => {
  const child = start(
    "run",
    "-d",
    "--name",
    "talker",
    image,
    "sh",
    "-c",
    "while :; do echo x; sleep 0.01; done",
  );
  await once(child, "close");
  const follower = start("logs", "-f", "talker");
  let stderr = "";
  follower.stderr.on("data", (text) => (stderr += text));
  await once(follower.stdout, "readable");
  follower.stdout.destroy();
  const [code] = await once(follower, "close");
  assert.deepEqual([code, stderr], [141, ""]);
  const { stdout } = await brig("ps", "--format", "{{.Names}}");
  assert.equal(stdout, "talker\n");
  await brig("rm", "-f", "talker");
});

test("-d prints the id of a container that goes on without the command, and --rm removes it", async () => {
  const { code, stdout } = await brig("run", "-d", "--rm", image, "sleep", "0.3");
  assert.equal(code, 0);
  assert.match(stdout, /^[0-9a-f]{64}\n$/);
  assert.equal((await brig("ps", "-q", "--no-trunc")).stdout, stdout);
  await until(async () => (await brig("ps", "-aq")).stdout === "", "the container is removed");
});

test("run -d of a command that cannot start prints the id, as there is a container, and then the error", async () => {
  const file = join(root, "lost");
  for (const [options, command, code, message] of [
    [["-d"], "no-such-program", 127, 'cannot execute "no-such-program": executable file not found in $PATH'],
    [["-d", "-i", "--cidfile", file], "/etc", 126, 'cannot execute "/etc": permission denied'],
    [["-a", "stdin"], "no-such-program", 127, "cannot execute"],
  ] as const) {
    const ended = await brig("run", ...options, image, command);
    assert.equal(ended.code, code);
    assert.match(ended.stdout, /^[0-9a-f]{64}\n$/);
    assert(ended.stderr.startsWith(`brig: ${message}`), ended.stderr);
    const id = ended.stdout.trim();
    const told = await brig("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}} {{.State.Error}}", id);
    assert(told.stdout.startsWith(`created ${code} ${message}`), told.stdout);
    assert.match((await brig("ps", "-a", "--format", "{{.Status}}")).stdout, /^Created\n$/);
    await brig("rm", id);
  }
  assert.match(readFileSync(file, "utf8"), /^[0-9a-f]{64}$/);
  const brief = await brig("run", "-d", "--rm", image, "no-such-program");
  assert.match(brief.stdout, /^[0-9a-f]{64}\n$/);
  assert.equal(brief.code, 127);
  assert.equal((await brig("run", image, "no-such-program")).stdout, "");
  await brig("rm", ...(await brig("ps", "-aq")).stdout.split("\n").filter(Boolean));
});

test("the file for the id is there while the container is, and is never overwritten", async () => {
  const file = join(root, "cid");
  const made = await brig("create", "--cidfile", file, image, "true");
  assert.equal(made.stdout, `${readFileSync(file, "utf8")}\n`);
  const again = await brig("run", "--cidfile", file, image, "true");
  assert.deepEqual(
    [again.code, again.stderr.split("\n")[0]],
    [125, `brig: container ID file found, make sure the other container isn't running or delete ${file}`],
  );
  await brig("run", "--cidfile", `${file}2`, "no-such-image");
  assert(!existsSync(`${file}2`));
  await brig("rm", made.stdout.trim());
});

test("the host is as it was before the first run", async () => {
  assert.equal((await brig("ps", "-aq")).stdout, "");
  await brig("system", "release");
  await assertSameHost(host, { about });
});
