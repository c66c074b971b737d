/** What `info` tells of the engine and its host. */

import { readFileSync, statfsSync } from "node:fs";
import { availableParallelism, hostname, release, totalmem } from "node:os";
import { sha256 } from "../base/digest.ts";
import { listImages } from "../image/store/references.ts";
import { readHierarchy } from "../kernel/cgroup/read-hierarchy.ts";
import { listContainers } from "./container/records.ts";
import type { EngineHost } from "./host.ts";
import { remembered, storageOf } from "./snapshot/choose.ts";

/** Names are Docker's, where Docker has them. */
export interface EngineFacts {
  /** The same one as long as the root is there. */
  readonly Id: string;
  readonly Containers: number;
  readonly ContainersRunning: number;
  readonly ContainersPaused: number;
  readonly ContainersStopped: number;
  readonly Images: number;
  readonly Driver: string;
  readonly DriverStatus: readonly (readonly [name: string, value: string])[];
  readonly CgroupVersion: "1" | "2";
  readonly KernelVersion: string;
  readonly OperatingSystem: string;
  readonly OSVersion: string;
  readonly Architecture: string;
  readonly NCPU: number;
  /** Bytes. */
  readonly MemTotal: number;
  readonly Name: string;
  readonly Root: string;
  readonly RunRoot: string;
  readonly DefaultRuntime: string;
}

export async function engineInfo(host: EngineHost): Promise<EngineFacts> {
  const containers = listContainers(host.database);
  const count = (state: string) => containers.filter((c) => c.state === state).length;
  const system = readSystem();
  return {
    Id: idOf(host),
    Containers: containers.length,
    ContainersRunning: count("running"),
    ContainersPaused: count("paused"),
    ContainersStopped: containers.length - count("running") - count("paused"),
    Images: new Set(listImages(host.images).map(({ target }) => target.digest)).size,
    ...(await storage(host)),
    CgroupVersion: readHierarchy("/proc").mode === "v2" ? "2" : "1",
    KernelVersion: release(),
    OperatingSystem: system.PRETTY_NAME ?? "Linux",
    OSVersion: system.VERSION_ID ?? "",
    Architecture: process.arch === "arm64" ? "aarch64" : "x86_64",
    NCPU: availableParallelism(),
    MemTotal: totalmem(),
    Name: hostname(),
    Root: host.roots.root,
    RunRoot: host.roots.runRoot,
    DefaultRuntime: "brig",
  };
}

/** Digits of the host's own id and the root's path, as a UUID is written. */
function idOf({ roots }: EngineHost): string {
  const digits = sha256(`${textOf("/etc/machine-id")}\0${hostname()}\0${roots.root}`).toString("hex");
  return [0, 8, 12, 16, 20].map((at, i) => digits.slice(at, [8, 12, 16, 20, 32][i])).join("-");
}

/** What the host calls itself (os-release(5)). */
function readSystem(): Readonly<Record<string, string>> {
  const lines = (textOf("/etc/os-release") || textOf("/usr/lib/os-release")).split("\n");
  return Object.fromEntries(
    lines
      .map((line) => /^(\w+)=(["']?)(.*)\2$/.exec(line))
      .filter((match) => match !== null)
      .map(([, name, , value]) => [name, value]),
  );
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
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

async function storage(host: EngineHost): Promise<Pick<EngineFacts, "Driver" | "DriverStatus">> {
  const driver = await storageOf(host);
  const { type } = statfsSync(host.roots.root);
  const why = remembered(host)?.noOverlay;
  return {
    Driver: driver,
    DriverStatus: [
      ["Backing Filesystem", fileSystems[type] ?? `0x${type.toString(16)}`],
      ...(why === undefined ? [] : [["No overlay2", why] as const]),
    ],
  };
}
