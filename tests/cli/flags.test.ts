/** Flags of `run` and `create` whose effect is on the host, or on what is kept of the container. */

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { image, ownBrig } from "./brig.ts";

const { brig, end, root } = ownBrig();

before(async () => {
  await brig("run", "--rm", image, "true");
});
after(end);

const told = async (template: string, name: string) =>
  (await brig("inspect", "-f", template, name)).stdout.trimEnd();

test("a container can have the volumes and binds of another one, also read-only", async () => {
  await brig(
    "create",
    "--name",
    "lender",
    "-v",
    "named:/n",
    "-v",
    "/anonymous",
    "-v",
    `${root}:/bound:ro`,
    image,
  );
  await brig(
    "run",
    "--rm",
    "--volumes-from",
    "lender",
    image,
    "sh",
    "-c",
    "echo n >/n/f; echo a >/anonymous/f",
  );
  const read = ["cat", "/n/f", "/anonymous/f"];
  assert.equal((await brig("run", "--rm", "--volumes-from", "lender:ro", image, ...read)).stdout, "n\na\n");
  for (const place of ["/n/x", "/bound/x"]) {
    const flag = place === "/n/x" ? "lender:ro" : "lender";
    const { code, stderr } = await brig("run", "--rm", "--volumes-from", flag, image, "touch", place);
    assert.equal(code, 1);
    assert.match(stderr, /Read-only file system/);
  }
  const own = ["--volumes-from", "lender", "-v", "other:/n", image, "ls", "/n"];
  assert.equal((await brig("run", "--rm", ...own)).stdout, "");
  assert.equal((await brig("run", "--rm", "--volumes-from", "no-such", image, "true")).code, 125);
  assert.equal((await brig("run", "--rm", "--volumes-from", "lender:no", image, "true")).code, 125);
});

test("what is lent stays while it is used, and goes with whoever it belongs to", async () => {
  await brig("create", "--name", "borrower", "--volumes-from", "lender", image, "cat", "/anonymous/f");
  await brig("rm", "-v", "lender");
  assert.equal((await brig("start", "-a", "borrower")).stdout, "a\n");
  await brig("rm", "borrower");
});

test("labels can come from a file, and flags override them", async () => {
  const file = join(root, "labels");
  const { writeFileSync } = await import("node:fs");
  writeFileSync(file, "# no\na=1\nb=2\n");
  await brig("create", "--name", "labelled", "--label-file", file, "-l", "b=3", image);
  assert.equal(await told("{{.Config.Labels.a}} {{.Config.Labels.b}}", "labelled"), "1 3");
  await brig("rm", "labelled");
});

test("a log has as many files, as large, as was said", async () => {
  const noise = "i=0; while [ $i -lt 600 ]; do echo line $i; i=$((i+1)); done";
  const flags = ["--log-opt", "max-size=8k", "--log-opt", "max-file=4"];
  await brig("run", "--name", "noisy", ...flags, image, "sh", "-c", noise);
  const folder = join(root, "containers", await told("{{.Id}}", "noisy"));
  const logs = readdirSync(folder).filter((name) => name.startsWith("container.log"));
  assert.deepEqual(logs.sort(), ["container.log", "container.log.1", "container.log.2", "container.log.3"]);
  const lines = (await brig("logs", "noisy")).stdout.trimEnd().split("\n");
  assert.equal(lines.at(-1), "line 599");
  assert.ok(lines.length > 300, String(lines.length));
  const first = Number(lines[0]!.slice(5));
  assert.deepEqual(
    lines,
    Array.from({ length: 600 - first }, (_, i) => `line ${first + i}`),
  );
  assert.equal((await brig("logs", "--tail", "1", "noisy")).stdout, "line 599\n");
  await brig("rm", "noisy");
});

test("without a log nothing is kept, and what is said is still seen", async () => {
  const run = await brig("run", "--name", "silent", "--log-driver", "none", image, "echo", "hi");
  assert.equal(run.stdout, "hi\n");
  assert.deepEqual(await brig("logs", "silent"), {
    code: 1,
    stdout: "",
    stderr: "brig: configured logging driver does not support reading\n",
  });
  assert.equal(await told("{{.HostConfig.LogConfig.Type}}|{{.LogPath}}", "silent"), "none|");
  await brig("rm", "silent");
});

test("a rule for device numbers lets a device be used that was not given", async () => {
  const open = "mknod /full c 1 7; mknod /mem c 1 1; dd if=/mem of=/dev/null bs=1 count=1 2>&1 | tail -1";
  const without = await brig("run", "--rm", image, "sh", "-c", open);
  assert.match(without.stdout, /Operation not permitted/);
  const flags = ["--device-cgroup-rule", "c 1:1 r", "--cap-add", "SYS_RAWIO"];
  const { stdout } = await brig("run", "--rm", ...flags, image, "sh", "-c", open);
  assert.doesNotMatch(stdout, /Operation not permitted/);
});

test("what a later version acts on is kept, and told", async () => {
  const health = ["--health-cmd", "true", "--health-interval", "1m30s", "--health-retries", "2"];
  const { stderr } = await brig("create", "--name", "kept", ...health, "--restart", "on-failure:3", image);
  assert.match(stderr, /^WARNING: --restart is kept.*\nWARNING: --health-cmd is kept.*\n$/);
  assert.equal(
    await told("{{json .Config.Healthcheck}} {{json .HostConfig.RestartPolicy}}", "kept"),
    '{"Test":["CMD-SHELL","true"],"Interval":90000000000,"Retries":2} {"Name":"on-failure","MaximumRetryCount":3}',
  );
  await brig("rm", "kept");
});

const refused: readonly (readonly [flags: readonly string[], stderr: RegExp])[] = [
  [["--log-driver", "syslog"], /--log-driver syslog is not supported yet/],
  [["--log-driver", "nosuch"], /no log driver named 'nosuch'/],
  [["--log-opt", "nosuch=1"], /unknown log opt 'nosuch'/],
  [["--log-opt", "max-size=10x"], /invalid size/],
  [["--device-cgroup-rule", "x 1:1 r"], /invalid device cgroup format 'x 1:1 r'/],
  [["--device-read-bps", "sda:1m"], /bad format for device path: sda:1m/],
  [["--device-read-bps", "/dev/sda:x"], /invalid rate for device/],
  [["--device-write-iops", "/dev/sda:1m"], /invalid rate for device/],
  [["--device-write-bps", "/dev/null:1m"], /is no block device/],
  [["--blkio-weight-device", "/dev/sda:5"], /invalid weight for device/],
  [["--no-healthcheck", "--health-cmd", "true"], /--no-healthcheck conflicts/],
  [["--health-interval", "-1s"], /--health-interval cannot be negative/],
  [["--userns", "other"], /invalid USER mode/],
];

test("what makes no sense is refused before anything is made", async () => {
  for (const [flags, stderr] of refused) {
    const result = await brig("run", "--rm", ...flags, image, "true");
    assert.equal(result.code, 125, flags.join(" "));
    assert.match(result.stderr, stderr, flags.join(" "));
  }
  assert.equal((await brig("ps", "-aq")).stdout, "");
});
