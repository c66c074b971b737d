/**
 * A container as the user and the image describe it → the OCI config that the runtime launches. The defaults are
 * Docker's; where brig is tighter the comment says so.
 */

import { existsSync } from "node:fs";
import type { ContainerId, HostPath } from "../../base/ids.ts";
import { type CapabilityName, changeCapabilities } from "../../kernel/capabilities.ts";
import { hostArchitecture } from "../../kernel/program/encode.ts";
import { profileFromDockerFile } from "../../kernel/seccomp/conditional-profile.ts";
import { defaultSeccompProfile } from "../../kernel/seccomp/default-profile.ts";
import { initCommand } from "../../runtime/launch/init.ts";
import type { ImageConfig } from "../../spec/image/config.ts";
import type { RuntimeConfig } from "../../spec/runtime/config.ts";
import type { Namespace } from "../../spec/runtime/linux.ts";
import type { Mount } from "../../spec/runtime/mounts.ts";
import type { Process, RlimitType } from "../../spec/runtime/process.ts";
import type { Seccomp } from "../../spec/runtime/seccomp.ts";
import { runtimeSpecVersion } from "../../spec/runtime/version.ts";
import type { IdRange } from "../ids/range.ts";
import { commandOf } from "./command.ts";
import { devicesOf } from "./devices.ts";
import { hiddenPaths } from "./hidden-paths.ts";
import type { Identity } from "./identity.ts";
import { mountsOf } from "./mounts.ts";
import { resourcesOf } from "./resources.ts";
import type { ContainerSpec, NamespaceMode, VolumeMount } from "./spec.ts";
import { lastGroup, mappingsOf, terminalGroup } from "./user-namespace.ts";

export interface ConfigContext {
  readonly id: ContainerId;
  readonly image: ImageConfig;
  readonly identity: Identity;
  /** Host directory of a named or anonymous volume. */
  readonly volume: (name: string | undefined, target: string) => HostPath;
  /** Whether a named volume is what the options of its driver mount there. */
  readonly hasOptions: (name: string, said: VolumeMount["driverOptions"]) => boolean;
  readonly kernel: readonly [number, number];
  readonly cgroupPath: string;
  readonly network: "new" | "host" | { readonly path: string };
  /** Namespace file of another container. */
  readonly namespaceOf: (container: string, type: "pid" | "ipc" | "user") => string;
  /** Ids of the host that its user namespace maps, where it has one. */
  readonly ids?: IdRange;
}

export function runtimeConfigOf(spec: ContainerSpec, c: ConfigContext): RuntimeConfig {
  const { privileged = false } = spec;
  const capabilities = changeCapabilities({ add: spec.capAdd ?? [], drop: spec.capDrop ?? [], privileged });
  const seccomp = seccompOf(spec, c, capabilities);
  return {
    ociVersion: runtimeSpecVersion,
    root: { path: "rootfs", readonly: spec.readOnly ?? false },
    ...(spec.namespaces?.uts?.kind === "host" ? {} : { hostname: c.identity.hostname }),
    ...(c.identity.domainname === undefined ? {} : { domainname: c.identity.domainname }),
    process: processOf(spec, c, capabilities),
    ...(spec.annotations ? { annotations: spec.annotations } : {}),
    mounts: [...systemMounts(spec, c.ids), ...mountsOf(spec, c)],
    linux: {
      namespaces: namespacesOf(spec, c),
      ...(c.ids ? { uidMappings: mappingsOf(c.ids), gidMappings: mappingsOf(c.ids) } : {}),
      cgroupsPath: c.cgroupPath,
      resources: resourcesOf(spec),
      devices: devicesOf(spec),
      sysctl: { ...defaultSysctls(spec, c), ...spec.sysctls },
      rootfsPropagation: spec.mounts?.some((m) => m.kind === "bind" && m.propagation?.endsWith("shared"))
        ? "rshared"
        : "rprivate",
      ...hiddenPaths(spec),
      ...(seccomp ? { seccomp } : {}),
    },
  };
}

function processOf(spec: ContainerSpec, c: ConfigContext, capabilities: readonly CapabilityName[]): Process {
  const names = [...capabilities];
  return {
    terminal: spec.terminal ?? false,
    ...(spec.consoleSize ? { consoleSize: spec.consoleSize } : {}),
    // The numbers are looked up in the container's own files at launch.
    user: { uid: 0, gid: 0 },
    cwd: spec.workingDirectory ?? c.image.config?.WorkingDir ?? "/",
    args: [...(spec.init ? initCommand : []), ...commandOf(spec, c.image)],
    env: environmentOf(spec, c),
    // Inheritable ones are empty since CVE-2022-24769.
    capabilities: { bounding: names, effective: names, permitted: names, inheritable: [], ambient: [] },
    rlimits: (spec.ulimits ?? []).map(({ name, soft, hard }) => ({
      type: `RLIMIT_${name.toUpperCase()}` as RlimitType,
      soft: unlimited(soft),
      hard: unlimited(hard),
    })),
    noNewPrivileges: spec.security?.noNewPrivileges ?? false,
    ...(spec.security?.apparmor && spec.security.apparmor !== "unconfined"
      ? { apparmorProfile: spec.security.apparmor }
      : {}),
    ...(spec.oomScoreAdj === undefined ? {} : { oomScoreAdj: spec.oomScoreAdj }),
  };
}

const unlimited = (limit: number) => (limit < 0 ? (1n << 64n) - 1n : limit);

/** PATH, HOSTNAME and TERM first, then the image's, then the user's; of one name the last holds. */
function environmentOf(spec: ContainerSpec, c: ConfigContext): string[] {
  const variables = new Map<string, string>([
    ["PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
    ["HOSTNAME", c.identity.hostname],
    ...(spec.terminal ? ([["TERM", "xterm"]] as const) : []),
  ]);
  for (const entry of [...(c.image.config?.Env ?? []), ...(spec.env ?? [])]) {
    const at = entry.indexOf("=");
    if (at < 0) variables.delete(entry);
    else variables.set(entry.slice(0, at), entry.slice(at + 1));
  }
  return [...variables].map(([name, value]) => `${name}=${value}`);
}

function namespacesOf(spec: ContainerSpec, c: ConfigContext): Namespace[] {
  const { pid, ipc, uts, user, cgroup } = spec.namespaces ?? {};
  const shared = (type: "pid" | "ipc" | "user", mode: NamespaceMode | undefined): Namespace[] => {
    if (mode?.kind === "host") return [];
    return mode?.kind === "container" ? [{ type, path: c.namespaceOf(mode.container, type) }] : [{ type }];
  };
  return [
    { type: "mount" },
    ...(c.ids ? shared("user", user) : []),
    ...(c.network === "host"
      ? []
      : [{ type: "network" as const, ...(c.network === "new" ? {} : c.network) }]),
    ...(uts?.kind === "host" ? [] : [{ type: "uts" as const }]),
    ...shared("pid", pid),
    ...shared("ipc", ipc),
    ...(cgroup?.kind === "host" ? [] : [{ type: "cgroup" as const }]),
  ];
}

/** Docker sets these so that a container needs no root for ping and for ports below 1024. */
function defaultSysctls(spec: ContainerSpec, c: ConfigContext): Record<string, string> {
  if (c.network !== "new" || spec.privileged) return {};
  return { "net.ipv4.ip_unprivileged_port_start": "0", "net.ipv4.ping_group_range": `0 ${lastGroup(c.ids)}` };
}

function seccompOf(
  spec: ContainerSpec,
  c: ConfigContext,
  capabilities: readonly CapabilityName[],
): Seccomp | undefined {
  const asked = spec.security?.seccomp;
  if (asked?.kind === "unconfined" || (spec.privileged && !asked)) return undefined;
  const context = { capabilities, architecture: hostArchitecture(), kernel: c.kernel };
  return asked?.kind === "profile"
    ? profileFromDockerFile(asked.json, context)
    : defaultSeccompProfile(context);
}

function systemMounts(spec: ContainerSpec, ids: IdRange | undefined): Mount[] {
  const { privileged = false } = spec;
  const ipc = spec.namespaces?.ipc?.kind;
  const access = privileged ? "rw" : "ro";
  const mounts: Mount[] = [
    { destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev"] },
    {
      destination: "/dev",
      type: "tmpfs",
      source: "tmpfs",
      options: ["nosuid", "strictatime", "mode=755", "size=65536k"],
    },
    {
      destination: "/dev/pts",
      type: "devpts",
      source: "devpts",
      options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", ...terminalGroup(ids)],
    },
    { destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noexec", "nodev", access] },
    {
      destination: "/sys/fs/cgroup",
      type: "cgroup",
      source: "cgroup",
      options: [access, "nosuid", "noexec", "nodev"],
    },
    ...(ids !== undefined && ipc === "host" ? hostQueues() : [ownQueues]),
  ];
  const own = new Set((spec.mounts ?? []).map((m) => m.target));
  if (ipc === "host")
    mounts.push({ destination: "/dev/shm", type: "bind", source: "/dev/shm", options: ["rbind"] });
  else if (ipc !== "none")
    mounts.push({
      destination: "/dev/shm",
      type: "tmpfs",
      source: "shm",
      options: ["nosuid", "noexec", "nodev", "mode=1777", `size=${spec.shmSize ?? defaultShmSize}`],
    });
  return mounts.filter((m) => !own.has(m.destination));
}

const defaultShmSize = 64 * 1024 * 1024;

const ownQueues: Mount = {
  destination: "/dev/mqueue",
  type: "mqueue",
  source: "mqueue",
  options: ["nosuid", "noexec", "nodev"],
};

/** Those of the host's IPC namespace a user namespace may not mount, only bind, where the host has mounted them. */
function hostQueues(): readonly Mount[] {
  const source = ownQueues.destination;
  if (!existsSync(source)) return [];
  return [{ ...ownQueues, type: "bind", source, options: ["rbind", ...ownQueues.options!] }];
}
