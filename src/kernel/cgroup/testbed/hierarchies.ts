/** Hierarchies for tests that need no machine. */

import type { CgroupHierarchy } from "../hierarchy.ts";

const root = "/sys/fs/cgroup";

export const v1: CgroupHierarchy = {
  mode: "v1",
  trees: [
    { version: 1, controllers: ["cpuset"], mountPoint: `${root}/cpuset`, own: "/" },
    { version: 1, controllers: ["cpu", "cpuacct"], mountPoint: `${root}/cpu,cpuacct`, own: "/me" },
    { version: 1, controllers: ["memory"], mountPoint: `${root}/memory`, own: "/" },
    { version: 1, controllers: ["devices"], mountPoint: `${root}/devices`, own: "/" },
    { version: 1, controllers: ["pids"], mountPoint: `${root}/pids`, own: "/" },
    { version: 1, controllers: ["blkio"], mountPoint: `${root}/blkio`, own: "/" },
    { version: 1, controllers: ["hugetlb"], mountPoint: `${root}/hugetlb`, own: "/" },
    { version: 1, controllers: ["net_cls", "net_prio"], mountPoint: `${root}/net_cls,net_prio`, own: "/" },
    { version: 1, controllers: ["rdma"], mountPoint: `${root}/rdma`, own: "/" },
    { version: 1, controllers: [], name: "systemd", mountPoint: `${root}/systemd`, own: "/me/too" },
  ],
};

export const v2: CgroupHierarchy = {
  mode: "v2",
  trees: [
    {
      version: 2,
      controllers: ["cpuset", "cpu", "io", "memory", "hugetlb", "pids", "rdma"],
      mountPoint: root,
      own: "/user.slice/session-1.scope",
    },
  ],
};

export const hybrid: CgroupHierarchy = {
  mode: "hybrid",
  trees: [
    { version: 1, controllers: ["memory"], mountPoint: `${root}/memory`, own: "/" },
    { version: 2, controllers: ["hugetlb"], mountPoint: `${root}/unified`, own: "/" },
  ],
};
