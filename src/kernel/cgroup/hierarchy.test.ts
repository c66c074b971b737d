import assert from "node:assert/strict";
import { test } from "node:test";
import { detectHierarchy } from "./hierarchy.ts";

interface Host {
  readonly title: string;
  readonly mountinfo: string;
  readonly cgroup: string;
  readonly controllers?: string;
  readonly mode: string;
  /** Version, controllers or name, mount point, own cgroup. */
  readonly trees: readonly string[];
}

const hosts: readonly Host[] = [
  {
    title: "a v1 host with controllers mounted together and systemd's named hierarchy",
    mountinfo: `
25 30 0:22 / /sys rw,nosuid,nodev,noexec,relatime shared:7 - sysfs sysfs rw
32 25 0:27 / /sys/fs/cgroup ro,nosuid,nodev,noexec shared:9 - tmpfs tmpfs ro,size=4096k,nr_inodes=1024,mode=755
34 32 0:29 / /sys/fs/cgroup/systemd rw,nosuid,nodev,noexec,relatime shared:11 - cgroup cgroup rw,xattr,name=systemd
38 32 0:33 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid,nodev,noexec,relatime shared:15 - cgroup cgroup rw,cpu,cpuacct
39 32 0:34 / /sys/fs/cgroup/memory rw,nosuid,nodev,noexec,relatime shared:16 - cgroup cgroup rw,memory
40 32 0:35 / /sys/fs/cgroup/net_cls,net_prio rw,nosuid,nodev - cgroup cgroup rw,net_cls,net_prio`,
    cgroup: `
5:net_cls,net_prio:/
4:memory:/user.slice/user-0.slice
3:cpu,cpuacct:/user.slice
1:name=systemd:/user.slice/user-0.slice/session-1.scope`,
    mode: "v1",
    trees: [
      "1 name=systemd /sys/fs/cgroup/systemd /user.slice/user-0.slice/session-1.scope",
      "1 cpu,cpuacct /sys/fs/cgroup/cpu,cpuacct /user.slice",
      "1 memory /sys/fs/cgroup/memory /user.slice/user-0.slice",
      "1 net_cls,net_prio /sys/fs/cgroup/net_cls,net_prio /",
    ],
  },
  {
    title: "a v2 host",
    mountinfo:
      "30 25 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:4 - cgroup2 cgroup2 rw,nsdelegate",
    cgroup: "0::/user.slice/user-1000.slice/session-2.scope",
    controllers: "cpuset cpu io memory hugetlb pids rdma misc\n",
    mode: "v2",
    trees: [
      "2 cpuset,cpu,io,memory,hugetlb,pids,rdma,misc /sys/fs/cgroup /user.slice/user-1000.slice/session-2.scope",
    ],
  },
  {
    title: "a hybrid host whose v2 tree has the controller that v1 left over",
    mountinfo: `
31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu
33 31 0:30 / /sys/fs/cgroup/cpuacct rw,relatime - cgroup cgroup rw,cpuacct
40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw`,
    cgroup: "9:name=systemd:/\n2:cpuacct:/\n1:cpu:/\n0::/\n",
    controllers: "hugetlb\n",
    mode: "hybrid",
    trees: [
      "1 cpu /sys/fs/cgroup/cpu /",
      "1 cpuacct /sys/fs/cgroup/cpuacct /",
      "1 name=systemd /sys/fs/cgroup/systemd /",
      "2 hugetlb /sys/fs/cgroup/unified /",
    ],
  },
  {
    title: "a container without a cgroup namespace, whose mounts show its own cgroup as their root",
    mountinfo: `
700 690 0:33 /docker/4f2a /sys/fs/cgroup/cpu,cpuacct ro,nosuid - cgroup cgroup rw,cpu,cpuacct
701 690 0:34 /docker/4f2a /sys/fs/cgroup/memory ro,nosuid - cgroup cgroup rw,memory`,
    cgroup: "4:memory:/docker/4f2a/inner\n3:cpu,cpuacct:/docker/4f2a\n",
    mode: "v1",
    trees: ["1 cpu,cpuacct /sys/fs/cgroup/cpu,cpuacct /", "1 memory /sys/fs/cgroup/memory /inner"],
  },
  {
    title: "mounts elsewhere, with blanks in their path and a second time",
    mountinfo: `
50 20 0:34 / /mnt/my\\040cgroups/memory rw - cgroup none rw,memory
51 20 0:34 / /chroot/sys/fs/cgroup/memory rw - cgroup none rw,memory
52 20 0:99 / /proc rw - proc proc rw`,
    cgroup: "4:memory:/a:b",
    mode: "v1",
    trees: ["1 memory /mnt/my cgroups/memory /a:b"],
  },
  { title: "a host without cgroups", mountinfo: "", cgroup: "", mode: "none", trees: [] },
];

for (const host of hosts)
  test(`the hierarchies of ${host.title} are found`, () => {
    const { mode, trees } = detectHierarchy({
      mountinfo: host.mountinfo,
      cgroup: host.cgroup,
      controllersOf: () => host.controllers ?? "",
    });
    assert.equal(mode, host.mode);
    assert.deepEqual(
      trees.map((t) =>
        [t.version, t.name ? `name=${t.name}` : t.controllers.join(), t.mountPoint, t.own].join(" "),
      ),
      host.trees,
    );
  });
