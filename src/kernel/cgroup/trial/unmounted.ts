/**
 * Run by `unmounted.test.ts` in a mount namespace of its own: mounts the controllers that the host leaves unmounted,
 * each as a v1 hierarchy, and puts a process under limits in them. The mounts end with this program in any case.
 */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { directoryOf, hostPath } from "../cgroup.ts";
import { cgroupPids } from "../live/pids.ts";
import { readHierarchy } from "../read-hierarchy.ts";
import { readStats } from "../stats/stats.ts";
import { Processes } from "./processes.ts";

const mountable = ["net_cls", "net_prio", "perf_event", "hugetlb", "rdma", "misc"];
const folder = process.argv[2]!;
execFileSync("mount", ["-t", "tmpfs", "tmpfs", folder]);
const inKernel = readFileSync("/proc/cgroups", "utf8")
  .split("\n")
  .map((line) => line.split("\t")[0]!);
const mountedAlready = readHierarchy("/proc").trees.flatMap((tree) => tree.controllers);
const mounted = mountable
  .filter((name) => inKernel.includes(name) && !mountedAlready.includes(name))
  .filter(mount);

/** False where another hierarchy has the controller for now. */
function mount(controller: string): boolean {
  mkdirSync(`${folder}/${controller}`, { recursive: true });
  try {
    execFileSync("mount", ["-t", "cgroup", "-o", controller, controller, `${folder}/${controller}`], {
      stdio: "pipe",
    });
    return true;
  } catch {
    return false;
  }
}

const values: Readonly<Record<string, readonly (readonly [file: string, value: RegExp])[]>> = {
  net_cls: [["net_cls.classid", /^1048577$/]],
  net_prio: [["net_prio.ifpriomap", /^lo 5$/m]],
  hugetlb: [
    ["hugetlb.2MB.limit_in_bytes", /^4194304$/],
    ["hugetlb.2MB.rsvd.limit_in_bytes", /^4194304$/],
  ],
};

await limited();
for (const controller of mounted) await putBack(controller);
console.log(`mounted: ${mounted.join(" ")}`);

async function limited(): Promise<void> {
  await using machine = new Processes((tree) => tree.version === 1);
  const cgroup = machine.place("c1");
  const { remove, pid } = await machine.start(cgroup, ["/bin/sleep", "100"], {
    resources: {
      ...(mounted.includes("net_cls") ? { network: { classID: 0x10_0001 } } : {}),
      ...(mounted.includes("net_prio")
        ? { network: { classID: 0x10_0001, priorities: [{ name: "lo", priority: 5 }] } }
        : {}),
      ...(mounted.includes("hugetlb") ? { hugepageLimits: [{ pageSize: "2MB", limit: 4 << 20 }] } : {}),
    },
  });
  for (const controller of mounted) {
    const path = hostPath(directoryOf(cgroup, controller)!);
    for (const [file, value] of values[controller] ?? [])
      assert.match(readFileSync(`${path}/${file}`, "utf8").trim(), value, file);
    assert.equal(readFileSync(`${path}/cgroup.procs`, "utf8"), `${pid}\n`, controller);
  }
  assert.deepEqual(cgroupPids(cgroup), [pid]);
  if (mounted.includes("hugetlb")) assert.equal(readStats(cgroup).hugetlb["2MB"]?.failcnt, 0);
  process.kill(pid, "SIGKILL");
  await machine.executor.run(remove);
  assert.ok(cgroup.directories.every((directory) => !existsSync(hostPath(directory))));
}

/**
 * A hierarchy whose cgroups the kernel has not disposed of yet stays when it is unmounted, for good, and is told of every
 * process of the host: so it is mounted once more. Where other tests have it mounted as well it is theirs to put back.
 */
async function putBack(controller: string): Promise<void> {
  const isBack = () => new RegExp(`^${controller}\\t0\\t`, "m").test(readFileSync("/proc/cgroups", "utf8"));
  for (let attempts = 0; attempts < 40; attempts++) {
    execFileSync("umount", [`${folder}/${controller}`]);
    if (isBack()) return;
    await sleep(50);
    if (isBack() || !mount(controller)) return;
  }
}
