/** What `info` tells of the engine and its host. */

import { availableParallelism, hostname, release, totalmem } from "node:os";
import { listImages } from "../image/store/references.ts";
import { readHierarchy } from "../kernel/cgroup/read-hierarchy.ts";
import { listContainers } from "./container/records.ts";
import type { EngineHost } from "./host.ts";

export function engineInfo(host: EngineHost): Readonly<Record<string, unknown>> {
  const containers = listContainers(host.database);
  const count = (state: string) => containers.filter((c) => c.state === state).length;
  return {
    Containers: containers.length,
    ContainersRunning: count("running"),
    ContainersPaused: count("paused"),
    ContainersStopped: containers.length - count("running") - count("paused"),
    Images: listImages(host.images).length,
    Driver: "overlay",
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
