/** The life of containers, from `create` to `rm`, and what is told of them. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { assertSameHost, type HostState, hostState } from "../fixtures/leaks.ts";
import { image, ownBrig, until } from "./brig.ts";

const { brig, brigWith, start, about, end } = ownBrig();
let host: HostState;

before(async () => {
  host = hostState({ about });
  await brig("run", "--rm", image, "true");
});
after(end);

test("a container is made, started, looked at, stopped, and removed", async () => {
  const { stdout: id } = await brig("create", "--name", "life", image, "sh", "-c", "echo born; sleep 100");
  assert.match(id, /^[0-9a-f]{64}\n$/);
  const state = async () =>
    (await brig("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", "life")).stdout;
  assert.equal(await state(), "created 0\n");
  assert.equal((await brig("start", "life")).stdout, "life\n");
  assert.equal(await state(), "running 0\n");
  assert.deepEqual(await brig("start", "life"), { code: 0, stdout: "life\n", stderr: "" });
  assert.equal((await brig("kill", "-s", "nosuch", "life")).code, 1);
  assert.equal((await brig("rm", "life")).code, 1);
  assert.equal((await brig("stop", "-t", "0", "life")).stdout, "life\n");
  assert.equal(await state(), "exited 137\n");
  assert.equal((await brig("logs", "life")).stdout, "born\n");
  assert.equal(
    (await brig("start", "-a", "life", "other")).stderr,
    "brig: you cannot start and attach multiple containers at once\n",
  );
  assert.equal((await brig("rm", "life")).stdout, "life\n");
  assert.equal((await brig("inspect", "life")).code, 1);
});

test("start -a shows the output and has the exit code", async () => {
  await brig("create", "--name", "again", image, "sh", "-c", "echo out; exit 5");
  for (let run = 0; run < 2; run++)
    assert.deepEqual(await brig("start", "-a", "again"), { code: 5, stdout: "out\n", stderr: "" });
  await brig("rm", "again");
});

test("of several names each is tried, and one failure is the command's", async () => {
  await brig("create", "--name", "one", image, "true");
  await brig("create", "--name", "two", image, "true");
  assert.deepEqual(await brig("rm", "one", "no-such", "two"), {
    code: 1,
    stdout: "one\ntwo\n",
    stderr: "brig: No such container: no-such\n",
  });
  assert.deepEqual(await brig("rm", "-f", "no-such"), {
    code: 0,
    stdout: "",
    stderr: "brig: No such container: no-such\n",
  });
});

test("wait prints how containers end, also when that is still to come", async () => {
  await brig("run", "-d", "--name", "soon", image, "sh", "-c", "sleep 0.3; exit 6");
  assert.deepEqual(await brig("wait", "soon", "soon"), { code: 0, stdout: "6\n6\n", stderr: "" });
  await brig("rm", "soon");
});

test("kill sends the signal that is named", async () => {
  const script = "trap 'exit 3' USR1; while :; do sleep 0.05; done";
  await brig("run", "-d", "--name", "target", image, "sh", "-c", script);
  assert.equal((await brig("kill", "-s", "USR1", "target")).stdout, "target\n");
  assert.equal((await brig("wait", "target")).stdout, "3\n");
  const dead = await brig("kill", "target");
  assert.deepEqual([dead.code, dead.stdout], [1, ""]);
  await brig("rm", "target");
});

test("lists show what is asked for", async () => {
  const { stdout: id } = await brig("run", "-d", "--name", "shown", "-l", "k=v", image, "sleep", "100");
  await brig("create", "--name", "idle", image, "true");
  const short = id.slice(0, 12);
  const lists: readonly (readonly [string, string])[] = [
    ["ps -q", `${short}\n`],
    ["ps -q --no-trunc", id],
    ["ps --format {{.Names}}|{{.State}}|{{.Image}}", "shown|running|brig.local/hello\n"],
    ["ps -a --format {{.Names}}", "idle\nshown\n"],
    ["ps -n 1 --format {{.Names}}", "idle\n"],
    ["ps -l --format {{.Names}}", "idle\n"],
    ["ps -a --filter name=sho --format {{.Names}}", "shown\n"],
    ["ps --filter status=created --format {{.Names}}", "idle\n"],
    ["ps -a --filter label=k=v --format {{.Names}}", "shown\n"],
    ["ps -a --filter ancestor=busybox --format {{.Names}}", ""],
    ["ps --format table\x1f{{.Names}}", "NAMES\nshown\n"],
  ];
  for (const [line, expected] of lists)
    assert.equal(
      (await brig(...line.split(/ /).map((word) => word.replace("\x1f", " ")))).stdout,
      expected,
      line,
    );
  const [header, row] = (await brig("ps")).stdout.split("\n");
  assert.match(header!, /^CONTAINER ID +IMAGE +COMMAND +CREATED +STATUS +PORTS +NAMES$/);
  assert.match(row!, new RegExp(`^${short} +brig.local/hello +"sleep 100" +.* ago +Up .* +shown$`));
  assert.equal((await brig("ps", "--filter", "no=such")).stderr, "brig: invalid filter 'no'\n");
  await brig("rm", "-f", "shown", "idle");
});

test("a command is executed in a running container with its own streams and exit code", async () => {
  await brig("run", "-d", "--name", "home", "-e", "A=1", image, "sleep", "100");
  const executed: readonly (readonly [string, number, string])[] = [
    ["exec home sh -c echo\x1f$A;exit\x1f7", 7, "1\n"],
    ["exec -e A=2 -w /tmp home sh -c echo\x1f$A\x1f$PWD", 0, "2 /tmp\n"],
    ["exec -u 1000:1000 home id -u", 0, "1000\n"],
    ["exec home no-such-program", 127, ""],
    ["exec home /etc", 126, ""],
    ["exec no-such true", 1, ""],
    ["exec -d home sleep 100", 0, ""],
    ["exec -it home sh", 1, ""],
  ];
  for (const [line, code, stdout] of executed) {
    const ended = await brig(...line.split(" ").map((word) => word.replaceAll("\x1f", " ")));
    assert.deepEqual([ended.code, ended.stdout], [code, stdout], line + ended.stderr);
  }
  assert.equal((await brigWith("in\n", "exec", "-i", "home", "cat")).stdout, "in\n");
  await brig("rm", "-f", "home");
  assert.equal((await brig("exec", "home", "true")).code, 1);
});

test("attach joins a running container and has its exit code", async () => {
  await brig("run", "-d", "-i", "--name", "party", image, "sh", "-c", "read line; echo got $line; exit 8");
  assert.deepEqual(await brigWith("word\n", "attach", "party"), {
    code: 8,
    stdout: "got word\n",
    stderr: "",
  });
  assert.equal(
    (await brig("attach", "party")).stderr,
    "brig: You cannot attach to a stopped container, start it first\n",
  );
  await brig("rm", "party");
});

test("the last line is the last one also when the other stream speaks between its parts", async () => {
  const script = "printf half; sleep 0.2; echo aside >&2; sleep 0.2; echo done";
  await brig("run", "--name", "halves", image, "sh", "-c", script);
  assert.deepEqual(await brig("logs", "--tail", "1", "halves"), {
    code: 0,
    stdout: "halfdone\n",
    stderr: "",
  });
  await brig("rm", "halves");
});

test("logs are shown from the end, with their time, and as they come", async () => {
  const script = "echo one; echo two >&2; sleep 0.5; echo three";
  await brig("run", "-d", "--name", "diary", image, "sh", "-c", script);
  const follower = await brig("logs", "-f", "diary");
  assert.deepEqual(follower, { code: 0, stdout: "one\nthree\n", stderr: "two\n" });
  assert.equal((await brig("logs", "--tail", "1", "diary")).stdout, "three\n");
  assert.equal((await brig("logs", "-n", "0", "diary")).stdout, "");
  const timed = (await brig("logs", "-t", "diary")).stdout.split("\n");
  assert.match(timed[0]!, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z one$/);
  const [time] = timed[1]!.split(" ");
  assert.equal((await brig("logs", "--since", time!, "diary")).stdout, "three\n");
  assert.equal((await brig("logs", "--until", time!, "diary")).stdout, "one\n");
  assert.equal((await brig("logs", "--since", "1h", "diary")).stdout, "one\nthree\n");
  assert.equal((await brig("logs", "no-such")).stderr, "brig: No such container: no-such\n");
  await brig("rm", "diary");
});

test("a follower sees a line when it is written, not when the container ends", async () => {
  await brig("run", "-d", "--name", "live", image, "sh", "-c", "sleep 0.3; echo now; sleep 100");
  const follower = start("logs", "-f", "live");
  let output = "";
  follower.stdout.setEncoding("utf8").on("data", (text) => (output += text));
  const closed = once(follower, "close");
  await until(() => output === "now\n", "the line is seen");
  await brig("rm", "-f", "live");
  const [code] = await closed;
  assert.equal(code, 0);
});

test("inspect finds containers and images, and prints a list also when it finds none", async () => {
  await brig("create", "--name", "seen", "-p", "80", "--memory", "64m", image, "true");
  const { stdout } = await brig("inspect", "seen", image);
  const [container, shownImage] = JSON.parse(stdout);
  assert.equal(container.Name, "/seen");
  assert.equal(container.HostConfig.Memory, 67108864);
  assert.equal(container.Image, shownImage.Id);
  assert.deepEqual(shownImage.RepoTags, ["brig.local/hello:latest"]);
  assert.deepEqual(await brig("inspect", "no-such"), {
    code: 1,
    stdout: "[]\n",
    stderr: "brig: No such object: no-such\n",
  });
  const typed = await brig("inspect", "--type", "image", "seen");
  assert.deepEqual([typed.code, typed.stdout], [1, "[]\n"]);
  await brig("rm", "seen");
});

test("the host is as it was before the first run", async () => {
  assert.equal((await brig("ps", "-aq")).stdout, "");
  await brig("system", "release");
  await assertSameHost(host, { about });
});
