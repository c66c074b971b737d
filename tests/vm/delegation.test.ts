/** A container whose root is an ordinary user of the host gets its cgroup (runtime-spec, config-linux.md#cgroup-ownership). */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Bundle, type Draft, notFor } from "../oci/bundle.ts";

const unified = existsSync("/sys/fs/cgroup/cgroup.controllers");
const skip = unified
  ? notFor({ crun: "does not give it away" })
  : "this host has v1 hierarchies; `make test-vm` has none";

const delegated =
  (...options: readonly string[]) =>
  (config: Draft) => {
    config.linux.namespaces.push({ type: "user" }, { type: "cgroup" });
    config.linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }];
    config.linux.gidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }];
    config.linux.resources.pids = { limit: 30 };
    config.mounts.push({ destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options });
  };

test("its root makes cgroups and moves processes, and does not lift its own limits", { skip }, () => {
  using bundle = new Bundle();
  const { code, stdout, stderr } = bundle.sh(
    `cd /sys/fs/cgroup && mkdir own && echo 0 >own/cgroup.procs && echo +pids >cgroup.subtree_control &&
     echo 5 >own/pids.max && cat own/pids.max pids.max && cat /proc/self/cgroup && ! echo 99 >pids.max`,
    delegated("nosuid", "noexec", "nodev"),
  );
  assert.equal(code, 0, stderr);
  assert.equal(stdout, "5\n30\n0::/own\n");
  assert.match(stderr, /pids\.max: Permission denied/);
});

test("it is given to the user of the command, also without a user namespace", { skip }, () => {
  for (const change of [
    delegated(),
    (config: Draft) => {
      delegated()(config);
      config.linux.namespaces = config.linux.namespaces.filter(({ type }: Draft) => type !== "user");
      delete config.linux.uidMappings;
      delete config.linux.gidMappings;
    },
  ]) {
    using bundle = new Bundle();
    const { stdout, stderr } = bundle.sh(
      "stat -c '%n %u' /sys/fs/cgroup/cgroup.procs /sys/fs/cgroup/pids.max",
      (config) => {
        change(config);
        config.process.user = { uid: 7, gid: 7 };
      },
    );
    assert.match(stdout, /cgroup\.procs 7\n.*pids\.max (?!7$)\d+/, stderr);
  }
});

test("where the mount is read-only nothing is given", { skip }, () => {
  using bundle = new Bundle();
  const { stdout } = bundle.sh("stat -c %u /sys/fs/cgroup/cgroup.procs", delegated("ro"));
  assert.equal(stdout, "65534\n");
});

test("exec joins the first process where the container has divided its cgroup", { skip }, async () => {
  using bundle = new Bundle((config) => {
    delegated("nosuid", "noexec", "nodev")(config);
    const script = `cd /sys/fs/cgroup && mkdir init other && echo 0 >init/cgroup.procs &&
      echo +pids >cgroup.subtree_control && echo ready && exec sleep 60`;
    config.process.args = ["sh", "-c", script];
  });
  bundle.start();
  for (let i = 0; i < 100 && bundle.output() === ""; i++) await sleep(50);
  const { code, stdout, stderr } = bundle.oci("exec", bundle.id, "cat", "/proc/self/cgroup");
  assert.equal(code, 0, stderr);
  assert.equal(stdout, "0::/init\n");
});
