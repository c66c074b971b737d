/** What a container gets of its host (Engine API, HostConfig). */

import { hiddenPaths } from "../../engine/container/hidden-paths.ts";
import type { ContainerInfo } from "../../engine/container/info.ts";
import type { ContainerSpec, DeviceRate, DeviceSpec, NamespaceMode } from "../../engine/container/spec.ts";
import { sayMounts } from "../mount-body.ts";
import { requestedPorts } from "../ports.ts";

const defaultShmSize = 64 * 1024 * 1024;

export function hostConfigJson({ spec, ids }: Pick<ContainerInfo, "spec" | "ids">) {
  const { network = {}, namespaces = {}, resources = {} } = spec;
  const { binds, mounts, tmpfs } = sayMounts(spec.mounts ?? []);
  const hidden = hiddenPaths(spec);
  return {
    Binds: orNull(binds),
    ContainerIDFile: "",
    LogConfig: { Type: spec.logging?.driver ?? "json-file", Config: spec.logging?.options ?? {} },
    NetworkMode: network.mode ?? "bridge",
    PortBindings: requestedPorts(network.publish ?? []),
    RestartPolicy: {
      Name: spec.restart?.name ?? "no",
      MaximumRetryCount: spec.restart?.maximumRetryCount ?? 0,
    },
    AutoRemove: spec.autoRemove ?? false,
    VolumeDriver: "",
    VolumesFrom: orNull(spec.volumesFrom),
    ...(mounts.length > 0 && { Mounts: mounts }),
    ...(Object.keys(tmpfs).length > 0 && { Tmpfs: tmpfs }),
    ConsoleSize: [spec.consoleSize?.height ?? 0, spec.consoleSize?.width ?? 0],
    CapAdd: orNull(spec.capAdd),
    CapDrop: orNull(spec.capDrop),
    CgroupnsMode: modeText(namespaces.cgroup) || "private",
    Dns: network.dns ?? [],
    DnsOptions: network.dnsOptions ?? [],
    DnsSearch: network.dnsSearch ?? [],
    ExtraHosts: orNull(network.extraHosts),
    GroupAdd: orNull(spec.groups),
    IpcMode: modeText(namespaces.ipc) || "private",
    Cgroup: "",
    Links: null,
    OomScoreAdj: spec.oomScoreAdj ?? 0,
    PidMode: modeText(namespaces.pid),
    Privileged: spec.privileged ?? false,
    PublishAllPorts: network.publishAll ?? false,
    ReadonlyRootfs: spec.readOnly ?? false,
    SecurityOpt: orNull(securityOptions(spec)),
    ...(spec.annotations && { Annotations: spec.annotations }),
    ...(spec.sysctls && { Sysctls: spec.sysctls }),
    UTSMode: modeText(namespaces.uts),
    UsernsMode: userText(namespaces.user),
    // Podman's.
    ...(ids && { IDMappings: { UidMap: [mapText(ids)], GidMap: [mapText(ids)] } }),
    ShmSize: spec.shmSize ?? defaultShmSize,
    Runtime: spec.runtime ?? "brig",
    Isolation: "",
    CpuShares: resources.cpuShares ?? 0,
    Memory: resources.memory ?? 0,
    NanoCpus: resources.nanoCpus ?? 0,
    CgroupParent: resources.cgroupParent ?? "",
    BlkioWeight: resources.blkioWeight ?? 0,
    BlkioWeightDevice: (resources.blkioWeightDevice ?? []).map(({ path, weight }) => ({
      Path: path,
      Weight: weight,
    })),
    BlkioDeviceReadBps: rates(resources.deviceReadBps),
    BlkioDeviceWriteBps: rates(resources.deviceWriteBps),
    BlkioDeviceReadIOps: rates(resources.deviceReadIops),
    BlkioDeviceWriteIOps: rates(resources.deviceWriteIops),
    CpuPeriod: resources.cpuPeriod ?? 0,
    CpuQuota: resources.cpuQuota ?? 0,
    CpuRealtimePeriod: 0,
    CpuRealtimeRuntime: 0,
    CpusetCpus: resources.cpusetCpus ?? "",
    CpusetMems: resources.cpusetMems ?? "",
    Devices: (spec.devices ?? []).flatMap(deviceJson),
    DeviceCgroupRules: orNull(spec.deviceRules),
    DeviceRequests: null,
    MemoryReservation: resources.memoryReservation ?? 0,
    MemorySwap: resources.memorySwap ?? (resources.memory ?? 0) * 2,
    MemorySwappiness: null,
    OomKillDisable: resources.oomKillDisable ?? false,
    PidsLimit: resources.pidsLimit ?? null,
    Ulimits: (spec.ulimits ?? []).map(({ name, soft, hard }) => ({ Name: name, Hard: hard, Soft: soft })),
    CpuCount: 0,
    CpuPercent: 0,
    IOMaximumIOps: 0,
    IOMaximumBandwidth: 0,
    MaskedPaths: hidden.maskedPaths,
    ReadonlyPaths: hidden.readonlyPaths,
    ...(spec.init === undefined ? {} : { Init: spec.init }),
  };
}

function orNull<T>(list: readonly T[] | undefined): readonly T[] | null {
  return list === undefined || list.length === 0 ? null : list;
}

function rates(list: readonly DeviceRate[] | undefined) {
  return orNull(list)?.map(({ path, rate }) => ({ Path: path, Rate: rate })) ?? null;
}

/** "host", "container:ID"; empty where the user said nothing. */
export function modeText(mode: NamespaceMode | undefined): string {
  if (mode === undefined) return "";
  return mode.kind === "container" ? `container:${mode.container}` : mode.kind;
}

/** As `--userns` takes it. */
function userText(mode: NamespaceMode | undefined): string {
  return mode?.kind === "private" && mode.size !== undefined ? `auto:size=${mode.size}` : modeText(mode);
}

/** As in /proc/PID/uid_map. */
function mapText({ first, size }: NonNullable<ContainerInfo["ids"]>): string {
  return `0:${first}:${size}`;
}

function deviceJson(device: DeviceSpec) {
  if (device.kind !== "path") return [];
  const { pathOnHost, pathInContainer, permissions } = device;
  return [{ PathOnHost: pathOnHost, PathInContainer: pathInContainer, CgroupPermissions: permissions }];
}

function securityOptions({ security = {} }: ContainerSpec): readonly string[] {
  const { seccomp, apparmor, noNewPrivileges, systemPathsUnconfined, mask = [], unmask = [] } = security;
  return [
    ...(seccomp ? [`seccomp=${seccomp.kind === "profile" ? seccomp.json : seccomp.kind}`] : []),
    ...(apparmor === undefined ? [] : [`apparmor=${apparmor}`]),
    ...(noNewPrivileges === undefined ? [] : [`no-new-privileges=${noNewPrivileges}`]),
    ...(systemPathsUnconfined ? ["systempaths=unconfined"] : []),
    ...(mask.length > 0 ? [`mask=${mask.join(":")}`] : []),
    ...(unmask.length > 0 ? [`unmask=${unmask.join(":")}`] : []),
  ];
}
