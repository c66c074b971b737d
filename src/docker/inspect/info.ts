/** What the engine has and the host can do, as `docker info` is told (Engine API, SystemInfo). */

import packageJson from "../../../package.json" with { type: "json" };
import type { EngineFacts } from "../../engine/info.ts";

/** `now` in milliseconds since 1970. */
export function infoJson(facts: EngineFacts, now: number) {
  const { Id, ...known } = facts;
  return {
    ID: Id,
    ...known,
    ...able,
    Plugins: {
      Volume: ["local"],
      Network: ["bridge", "host", "null"],
      Authorization: null,
      Log: ["json-file", "local", "none"],
    },
    Debug: false,
    NFd: 0,
    NGoroutines: 1,
    NEventsListener: 0,
    SystemTime: new Date(now).toISOString(),
    LoggingDriver: "json-file",
    CgroupDriver: "cgroupfs",
    OSType: "linux",
    IndexServerAddress: "https://index.docker.io/v1/",
    RegistryConfig: {
      InsecureRegistryCIDRs: ["127.0.0.0/8"],
      IndexConfigs: {},
      Mirrors: [],
    },
    GenericResources: null,
    DockerRootDir: facts.Root,
    HttpProxy: "",
    HttpsProxy: "",
    NoProxy: "",
    Labels: [],
    ExperimentalBuild: false,
    ServerVersion: packageJson.version,
    Runtimes: { brig: { path: "brig-oci" } },
    Swarm: {
      NodeID: "",
      NodeAddr: "",
      LocalNodeState: "inactive",
      ControlAvailable: false,
      Error: "",
      RemoteManagers: null,
    },
    LiveRestoreEnabled: true,
    Isolation: "",
    InitBinary: "brig-shim",
    ContainerdCommit: { ID: "" },
    RuncCommit: { ID: "" },
    InitCommit: { ID: "" },
    CDISpecDirs: [],
    FirewallBackend: { Driver: "nftables" },
    DiscoveredDevices: [],
    SecurityOptions: ["name=seccomp,profile=builtin"],
    Warnings: null,
  };
}

/** Clients warn of each that is false. */
const able = {
  MemoryLimit: true,
  SwapLimit: true,
  CpuCfsPeriod: true,
  CpuCfsQuota: true,
  CPUShares: true,
  CPUSet: true,
  PidsLimit: true,
  OomKillDisable: true,
  IPv4Forwarding: true,
} as const;

export type InfoJson = ReturnType<typeof infoJson>;
