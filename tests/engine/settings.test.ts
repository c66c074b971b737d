/** What a container is told to be, seen from inside and in its cgroup: limits, rights, mounts, identity. */

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, test } from "node:test";
import { image, ownBrig } from "../cli/brig.ts";
import { assertSameHost, type HostState, hostState } from "../fixtures/leaks.ts";

const { brig, about, root, end } = ownBrig();
const folder = mkdtempSync(join(tmpdir(), "brig-bind-"));
let host: HostState;

before(async () => {
  host = hostState({ about });
  await brig("run", "--rm", image, "true");
});
after(() => {
  end();
  rmSync(folder, { recursive: true, force: true });
});

/** Options, what sh is to do, exit code, stdout, stderr; a word alone on stderr has to be in it. */
const seen: readonly (readonly [string, string, number, string, string])[] = [
  ["--hostname box", "hostname; cat /etc/hostname", 0, "box\nbox\n", ""],
  ["--user 1000:1001", "id -u; id -g; echo $HOME", 0, "1000\n1001\n/\n", ""],
  ["--user no-such-user", "true", 125, "", "unable to find user no-such-user"],
  ["-w /made/here", "pwd; stat -c %U /made", 0, "/made/here\nroot\n", ""],
  ["-e A=1 -e B=2 -e A=3", "echo $A$B", 0, "32\n", ""],
  ["--read-only", "touch /x", 1, "", "Read-only file system"],
  ["--read-only --tmpfs /t:size=1m", "touch /t/x && df -k /t | awk 'END { print $2 }'", 0, "1024\n", ""],
  ["--cap-drop ALL", "grep CapEff /proc/self/status", 0, "CapEff:\t0000000000000000\n", ""],
  ["--cap-drop ALL --cap-add CHOWN", "grep CapEff /proc/self/status", 0, "CapEff:\t0000000000000001\n", ""],
  ["--sysctl net.ipv4.ip_forward=1", "cat /proc/sys/net/ipv4/ip_forward", 0, "1\n", ""],
  ["--ulimit nofile=100:200", "ulimit -n; ulimit -Hn", 0, "100\n200\n", ""],
  ["--device /dev/null:/dev/void:r", "cat /dev/void && ls /dev/void", 0, "/dev/void\n", ""],
  ["--device /dev/no-such-device", "true", 125, "", "cannot add the device /dev/no-such-device"],
  ["-v kept:/data", "echo one > /data/file", 0, "", ""],
  ["-v kept:/data:ro", "cat /data/file; touch /data/other", 1, "one\n", "Read-only file system"],
  [`-v ${folder}/made:/data`, "echo two > /data/file", 0, "", ""],
  [`-v ${folder}:/data:ro`, "cat /data/made/file; touch /data/made/x", 1, "two\n", "Read-only file system"],
  [
    `--mount type=bind,source=${folder}/absent,target=/data`,
    "true",
    125,
    "",
    "bind source path does not exist",
  ],
  ["--memory 1m", "true", 125, "", "Minimum memory limit allowed is 6MB"],
  ["--memory 16m", "x=a; while :; do x=$x$x; done", 137, "", ""],
];

for (const [options, script, code, stdout, stderr] of seen)
  test(`${options}: ${script}`, async () => {
    const ended = await brig("run", "--rm", ...options.split(" "), image, "sh", "-c", script);
    assert.deepEqual([ended.code, ended.stdout], [code, stdout], ended.stderr);
    if (stderr === "") assert.equal(ended.stderr, "");
    else assert(ended.stderr.includes(stderr), ended.stderr);
  });

/** CAP_SYS_RESOURCE is bit 24. */
const mayRaise =
  (BigInt(`0x${/^CapBnd:\s*(\w+)/m.exec(readFileSync("/proc/self/status", "utf8"))![1]}`) >> 24n) & 1n;

test("what the host may not grant is told, and the container runs without", {
  skip: mayRaise === 1n,
}, async () => {
  const privileged = await brig(
    "run",
    "--rm",
    "--privileged",
    image,
    "sh",
    "-c",
    "grep -c . /dev/null; ls /dev/full",
  );
  assert.equal(privileged.stdout, "0\n/dev/full\n");
  assert.match(privileged.stderr, /^WARNING: cannot grant CAP_SYS_RESOURCE: .*\n$/);
  const raised = await brig("run", "--rm", "--ulimit", "nofile=9000000:9000000", image, "true");
  assert.equal(raised.code, 0);
  assert.match(raised.stderr, /^WARNING: cannot set RLIMIT_NOFILE to 9000000:9000000: .*\n$/);
});

test("a container that memory ran out for is told as such", async () => {
  await brig(
    "run",
    "--name",
    "hungry",
    "--memory",
    "16m",
    image,
    "sh",
    "-c",
    "x=a; while :; do x=$x$x; done",
  );
  const { stdout } = await brig("inspect", "-f", "{{.State.OOMKilled}} {{.State.ExitCode}}", "hungry");
  assert.equal(stdout, "true 137\n");
  using database = new DatabaseSync(join(root, "brig.db"), { readOnly: true });
  const events = database.prepare(
    "SELECT action FROM event WHERE subject = (SELECT id FROM container WHERE name = 'hungry') ORDER BY id",
  );
  const actions = events.all().map(({ action }) => action);
  assert.deepEqual(actions, ["create", "attach", "start", "oom", "die"]);
  await brig("rm", "hungry");
});

/** Option, file in v1 and its content, file in v2 and its content. */
const limits: readonly (readonly [string, string, string, string, string])[] = [
  ["--memory=32m", "memory.limit_in_bytes", "33554432", "memory.max", "33554432"],
  ["--cpus=0.5", "cpu.cfs_quota_us", "50000", "cpu.max", "50000 100000"],
  ["--pids-limit=20", "pids.max", "20", "pids.max", "20"],
  ["--cpuset-cpus=0", "cpuset.cpus", "0", "cpuset.cpus", "0"],
];

test("limits stand in the container's cgroup", async () => {
  const { stdout } = await brig(
    "run",
    "-d",
    "--name",
    "limited",
    ...limits.map(([flag]) => flag),
    image,
    "sleep",
    "100",
  );
  const inside = `brig-${about[1]}/${stdout.trim()}`;
  for (const [flag, v1, content1, v2, content2] of limits) {
    const found = ["", ...readdirSync("/sys/fs/cgroup")]
      .flatMap((tree) =>
        [[v1, content1] as const, [v2, content2] as const].map(
          ([file, content]) => [join("/sys/fs/cgroup", tree, inside, file), content] as const,
        ),
      )
      .filter(([file]) => existsSync(file));
    assert(found.length > 0, flag);
    assert(
      found.some(([file, content]) => readFileSync(file, "utf8").trim() === content),
      flag,
    );
  }
  await brig("rm", "-f", "limited");
});

test("a log rotates, and the last lines can be read across its files", async () => {
  const script =
    "i=0; while [ $i -lt 320 ]; do head -c 99999 /dev/zero | tr '\\0' x; echo; i=$((i+1)); done; echo last";
  const { stdout: id } = await brig("run", "-d", "--name", "verbose", image, "sh", "-c", script);
  assert.equal((await brig("wait", "verbose")).stdout, "0\n");
  const files = readdirSync(join(root, "containers", id.trim())).filter((name) =>
    name.startsWith("container.log"),
  );
  assert.deepEqual(files.sort(), ["container.log", "container.log.1", "container.log.2"]);
  for (const file of files) assert(statSync(join(root, "containers", id.trim(), file)).size <= 10_000_000);
  const { stdout } = await brig("logs", "--tail", "2", "verbose");
  assert.equal(stdout, `${"x".repeat(99_999)}\nlast\n`);
  await brig("rm", "verbose");
});

test("the host is as it was before the first run", async () => {
  assert.equal((await brig("ps", "-aq")).stdout, "");
  await brig("system", "release");
  await assertSameHost(host, { about });
});
