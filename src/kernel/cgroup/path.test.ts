import assert from "node:assert/strict";
import { test } from "node:test";
import { hostPath } from "./cgroup.ts";
import type { CgroupHierarchy } from "./hierarchy.ts";
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

test("systemd's form is a unit in a slice", () => {
  const parse = (text: string | undefined) => parseCgroupsPath(text, { id, driver: "systemd" });
  assert.deepEqual(parse("user.slice:brig:c1"), {
    kind: "systemd",
    slice: "user.slice",
    unit: "brig-c1.scope",
  });
  assert.deepEqual(parse(":brig:c1"), { kind: "systemd", slice: "system.slice", unit: "brig-c1.scope" });
  assert.deepEqual(parse("a.slice::c1"), { kind: "systemd", slice: "a.slice", unit: "c1.scope" });
  assert.equal((parse(undefined) as { unit: string }).unit, "brig-c1.scope");
  for (const [text, why] of [
    ["/brig/c1", /slice:prefix:name/],
    ["a:b", /slice:prefix:name/],
    ["a.slice:b:", /slice:prefix:name/],
    ["a.slice:b:c:d", /slice:prefix:name/],
    ["a.slice::pod.slice", /a slice has no processes/],
    ["a.slice:b:../../c", /is not a name of a unit/],
  ] as const)
    assert.throws(() => parse(text), why, text);
});

test("a unit is below the cgroup of systemd itself, in the folders that its slice means", () => {
  const at = (text: string, hierarchy: CgroupHierarchy) =>
    placeCgroup(hierarchy, parseCgroupsPath(text, { id, driver: "systemd" })).directories.map(hostPath);
  const own = (path: string, hierarchy: CgroupHierarchy): CgroupHierarchy => ({
    ...hierarchy,
    trees: hierarchy.trees.map((tree) => ({ ...tree, own: path })),
  });
  const folders = "a.slice/a-b.slice/brig-c1.scope";
  assert.deepEqual(at("a-b.slice:brig:c1", own("/init.scope", v2)), [`/sys/fs/cgroup/${folders}`]);
  assert.deepEqual(at("-.slice:brig:c1", own("/init.scope", v2)), ["/sys/fs/cgroup/brig-c1.scope"]);
  assert.deepEqual(at("a-b.slice:brig:c1", own("/machine/x/init.scope", v2)), [
    `/sys/fs/cgroup/machine/x/${folders}`,
  ]);
  assert.equal(at("a-b.slice:brig:c1", own("/", v1))[1], `/sys/fs/cgroup/cpu,cpuacct/${folders}`);
  assert.throws(() => at("a--b.slice:brig:c1", v2), /invalid slice name/);
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
