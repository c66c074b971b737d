/** What `info` tells of the engine and its host. */

import { statfsSync } from "node:fs";
import { availableParallelism, hostname, release, totalmem } from "node:os";
import { listImages } from "../image/store/references.ts";
import { readHierarchy } from "../kernel/cgroup/read-hierarchy.ts";
import { listContainers } from "./container/records.ts";
import type { EngineHost } from "./host.ts";
import { remembered, storageOf } from "./snapshot/choose.ts";

export async function engineInfo(host: EngineHost): Promise<Readonly<Record<string, unknown>>> {
  const containers = listContainers(host.database);
  const count = (state: string) => containers.filter((c) => c.state === state).length;
  return {
    Containers: containers.length,
    ContainersRunning: count("running"),
    ContainersPaused: count("paused"),
    ContainersStopped: containers.length - count("running") - count("paused"),
    Images: listImages(host.images).length,
    ...(await storage(host)),
    CgroupVersion: readHierarchy("/proc").mode,
    KernelVersion: release(),
    Architecture: process.arch === "arm64" ? "aarch64" : "x86_64",
    NCPU: availableParallelism(),
    MemTotal: totalmem(),
    Name: hostname(),
    Root: host.roots.root,
    RunRoot: host.roots.runRoot,
    DefaultRuntime: "brig",
  };
}

/** Docker's names for what statfs(2) calls by numbers (linux/magic.h). */
const fileSystems: Readonly<Record<number, string>> = {
  16914836: "tmpfs",
  801189825: "zfs",
  1481003842: "xfs",
  2035054128: "overlayfs",
  2435016766: "btrfs",
  26985: "nfs",
  61267: "extfs",
};

async function storage(host: EngineHost) {
  const driver = await storageOf(host);
  const { type } = statfsSync(host.roots.root);
  const why = remembered(host)?.noOverlay;
  return {
    Driver: driver,
    DriverStatus: [
      ["Backing Filesystem", fileSystems[type] ?? `0x${type.toString(16)}`],
      ...(why === undefined ? [] : [["No overlay2", why]]),
    ],
  };
}
