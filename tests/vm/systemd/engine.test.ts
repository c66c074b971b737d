/** `brig run` on a host whose process 1 is systemd: a parent that is a slice gets a scope for the container. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { after, test } from "node:test";
import { image, ownBrig, until } from "../../cli/brig.ts";
import { cgroupOf, cgroupsNamed, properties, systemctl, unified, withoutSystemd } from "./host.ts";

const skip = withoutSystemd;
const { brig, end, environment, executable } = ownBrig();
after(() => {
  if (!skip) end();
});

async function done(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await brig(...args);
  assert.equal(code, 0, `brig ${args.join(" ")}: ${stderr}`);
  return stdout.trim();
}

const pidOf = (name: string) => done("inspect", "--format", "{{.State.Pid}}", name);
const slice = "brigtest-engine.slice";
const memory = unified ? "MemoryMax" : "MemoryLimit";

test("with a slice for a parent the container is in a scope, with its limits, as often as it is started", {
  skip,
}, async () => {
  const flags = ["--network=none", "--cgroup-parent", slice, "-m=64m", "--pids-limit=20"];
  const id = await done("run", "-d", "--name=box", ...flags, image, "sleep", "600");
  const unit = `brig-${id}.scope`;
  for (const round of ["run", "started again"]) {
    const pid = await pidOf("box");
    assert.equal(cgroupOf(pid), `/brigtest.slice/${slice}/${unit}`, round);
    const shown = properties(unit, memory, "TasksMax", "Slice");
    assert.deepEqual([shown[memory], shown.TasksMax, shown.Slice], [String(64 << 20), "20", slice]);
    assert.match(await done("exec", "box", "cat", "/proc/self/cgroup"), /:\/$/m);
    await done("pause", "box");
    await done("unpause", "box");
    if (round === "run") await done("restart", "-t", "0", "box");
  }
  await done("update", "--pids-limit", "30", "box");
  assert.equal(properties(unit, "TasksMax").TasksMax, "30");
  systemctl("daemon-reload");
  assert.equal(await done("exec", "box", "sh", "-c", "(ulimit -n) >/dev/null; echo in"), "in");
  await done("rm", "-f", "box");
  await until(() => properties(unit, "LoadState").LoadState === "not-found", "the unit is gone");
  assert.deepEqual(cgroupsNamed(new RegExp(id)), []);
});

test("explain shows the process that keeps the scope for the container", { skip }, async () => {
  const plain = await done("explain", "run", "--network=none", image, "true");
  const scoped = await done("explain", "run", "--network=none", "--cgroup-parent", slice, image, "true");
  assert.doesNotMatch(plain, /seat/);
  assert.match(scoped, /take a seat in the scope/);
  assert.match(scoped, /free the seat/);
});

test("a parent that is a path, or none, is a folder of brig's", { skip }, async () => {
  const own = await done(
    "run",
    "--rm",
    "--network=none",
    "--cgroupns=host",
    image,
    "cat",
    "/proc/self/cgroup",
  );
  assert.doesNotMatch(own, /\.scope/);
  const parent = "/brigtest-folder";
  const below = await done(
    ...[
      "run",
      "--rm",
      "--network=none",
      "--cgroupns=host",
      "--cgroup-parent",
      parent,
      image,
      "cat",
      "/proc/self/cgroup",
    ],
  );
  assert.match(below, /:\/brigtest-folder\/[0-9a-f]{64}$/m);
  for (const folder of cgroupsNamed(/^brigtest-folder$/)) execFileSync("rmdir", [folder]);
});

test("what is no slice is refused before anything is made", { skip }, async () => {
  const { code, stderr } = await brig("run", "--rm", "--cgroup-parent", "a--b.slice", image, "true");
  assert.equal(code, 125);
  assert.match(stderr, /cannot use "a--b.slice" as a slice/);
  assert.equal(await done("ps", "-aq"), "");
});

test("a container outlives the service that has started it, wherever its cgroup is", { skip }, async () => {
  for (const [name, flags] of [
    ["plain", []],
    ["scoped", ["--cgroup-parent", slice]],
  ] as const) {
    const { BRIG_ROOT, BRIG_RUN_ROOT } = environment;
    const roots = [`--setenv=BRIG_ROOT=${BRIG_ROOT}`, `--setenv=BRIG_RUN_ROOT=${BRIG_RUN_ROOT}`];
    const command = [
      executable,
      "run",
      "-d",
      "--name",
      name,
      "--network=none",
      ...flags,
      image,
      "sleep",
      "600",
    ];
    const service = [
      "--quiet",
      "--unit=brigtest-caller",
      "--property=RemainAfterExit=yes",
      "--property=Type=oneshot",
    ];
    execFileSync("systemd-run", [...service, ...roots, ...command], { stdio: "ignore" });
    systemctl("stop", "brigtest-caller.service");
    const pid = await pidOf(name);
    assert.ok(existsSync(`/proc/${pid}`));
    assert.match(readFileSync(`/proc/${pid}/cmdline`, "utf8"), /^sleep/);
    await done("rm", "-f", name);
  }
});
