import assert from "node:assert/strict";
import { test } from "node:test";
import { hostPath } from "./cgroup.ts";
import { cgroupOfProcess, parseCgroupsPath, placeCgroup } from "./path.ts";
import { v1, v2 } from "./testbed/hierarchies.ts";

const id = "c1";

for (const [text, expected] of [
  ["/brig/c1", "absolute brig/c1"],
  ["/brig//x/../c1/", "absolute brig/c1"],
  ["brig/c1", "relative brig/c1"],
  ["../../etc", "relative etc"],
  ["/../../etc", "absolute etc"],
  [undefined, "relative c1"],
  ["", "relative c1"],
  ["system.slice:x:y", "relative system.slice:x:y"],
] as const)
  test(`the cgroup path ${JSON.stringify(text)} is ${expected}`, () => {
    const at = parseCgroupsPath(text, { id, driver: "cgroupfs" });
    assert.equal(at.kind === "systemd" ? "" : `${at.kind} ${at.path}`, expected);
  });

test("the root of the hierarchies is refused as a container's cgroup", () => {
  for (const text of ["/", "/..", ".", "//"])
    assert.throws(() => parseCgroupsPath(text, { id, driver: "cgroupfs" }), /root of every hierarchy/);
});

test("systemd's form is understood, and refused with the reason", () => {
  const parse = (text: string | undefined) => parseCgroupsPath(text, { id, driver: "systemd" });
  assert.deepEqual(parse("user.slice:brig:c1"), {
    kind: "systemd",
    slice: "user.slice",
    unit: "brig-c1.scope",
  });
  assert.deepEqual(parse(":brig:c1"), { kind: "systemd", slice: "system.slice", unit: "brig-c1.scope" });
  assert.deepEqual(parse("a.slice::pod.slice"), { kind: "systemd", slice: "a.slice", unit: "pod.slice" });
  assert.equal((parse(undefined) as { unit: string }).unit, "brig-c1.scope");
  assert.throws(() => parse("/brig/c1"), /slice:prefix:name/);
  assert.throws(
    () => placeCgroup(v1, parse(":brig:c1")),
    (error: Error & { kind?: string }) => {
      assert.equal(error.kind, "unsupported");
      assert.match(error.message, /cannot make the systemd unit brig-c1.scope: .*cgroupfs driver/);
      return true;
    },
  );
});

test("an absolute path is below every mount point, a relative one below the caller's cgroups", () => {
  const at = (text: string, hierarchy = v1) =>
    placeCgroup(hierarchy, parseCgroupsPath(text, { id, driver: "cgroupfs" })).directories.map(hostPath);
  assert.equal(at("/brig/c1")[1], "/sys/fs/cgroup/cpu,cpuacct/brig/c1");
  assert.deepEqual(
    [at("brig")[1], at("brig")[9]],
    ["/sys/fs/cgroup/cpu,cpuacct/me/brig", "/sys/fs/cgroup/systemd/me/too/brig"],
  );
  assert.deepEqual(at("brig", v2), ["/sys/fs/cgroup/user.slice/brig"]);
});

test("data that reaches outside a hierarchy's children is refused", () => {
  for (const path of ["", "..", "a/../../b", "a//b", "./a"])
    assert.throws(
      () => hostPath({ version: 1, controllers: [], mountPoint: "/sys/fs/cgroup/memory", path }),
      /cannot use the cgroup/,
    );
});

test("the cgroup of a process is where it is now, and leaves out hierarchies whose root it is in", () => {
  assert.deepEqual(cgroupOfProcess(v1).directories.map(hostPath), [
    "/sys/fs/cgroup/cpu,cpuacct/me",
    "/sys/fs/cgroup/systemd/me/too",
  ]);
});
