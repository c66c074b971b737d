/** Podman with its own choice of a cgroup manager, which is systemd where systemd is process 1, and brig as its runtime. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { busyboxArchive } from "../../fixtures/images.ts";
import { runtime } from "../../oci/bundle.ts";
import { cgroupOf, cgroupsNamed, properties, unified, withoutSystemd } from "./host.ts";

const skip = withoutSystemd;

function podman(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync("podman", ["--runtime", runtime, ...args], {
    encoding: "utf8",
    timeout: 120_000,
    stdio: ["ignore", "pipe", "pipe"],
  });
  return { code: status, stdout: stdout.trim(), stderr };
}

function done(...args: readonly string[]): string {
  const { code, stdout, stderr } = podman(...args);
  assert.equal(code, 0, `podman ${args.join(" ")}: ${stderr}`);
  return stdout;
}

before(() => {
  if (!skip) done("load", "--input", busyboxArchive());
});
after(() => {
  if (!skip) podman("rm", "--all", "--force", "--time", "0");
});

test("Podman runs a container to its end in a unit of systemd's", { skip }, () => {
  assert.equal(done("info", "--format", "{{.Host.CgroupManager}}"), "systemd");
  const { code, stdout, stderr } = podman(
    "run",
    "--rm",
    "--network=none",
    "busybox",
    "sh",
    "-c",
    "echo out; exit 3",
  );
  assert.deepEqual([code, stdout], [3, "out"], stderr);
});

test("Podman's limits, exec, pause and removal reach the unit", { skip }, () => {
  const flags = ["--network=none", "--memory=64m", "--pids-limit=50", "--cpus=0.5"];
  const id = done("run", "-d", "--name=box", ...flags, "busybox", "sleep", "600");
  const pid = done("inspect", "--format", "{{.State.Pid}}", "box");
  const unit = `libpod-${id}.scope`;
  // Podman has the container in a cgroup of its own below the scope where it divides it.
  assert.match(cgroupOf(pid), new RegExp(`^/machine\\.slice/${RegExp.escape(unit)}(/container)?$`));
  const memory = unified ? "MemoryMax" : "MemoryLimit";
  const shown = properties(unit, memory, "TasksMax", "CPUQuotaPerSecUSec");
  assert.deepEqual(
    [shown[memory], shown.TasksMax, shown.CPUQuotaPerSecUSec],
    [String(64 << 20), "50", "500ms"],
  );
  assert.equal(done("exec", "box", "echo", "in"), "in");
  done("pause", "box");
  assert.equal(done("inspect", "--format", "{{.State.Status}}", "box"), "paused");
  done("unpause", "box");
  assert.match(readFileSync(`/proc/${pid}/stat`, "utf8"), /^\d+ \(sleep\) S/);
  done("rm", "--force", "--time", "0", "box");
  assert.equal(properties(unit, "LoadState").LoadState, "not-found");
  assert.deepEqual(cgroupsNamed(new RegExp(id)), []);
});
