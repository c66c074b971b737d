/** What `POST /containers/create` asks for → what the engine is asked for. What was not said is absent. */

import { BrigError } from "../../base/errors.ts";
import { present } from "../../base/present.ts";
import type {
  ContainerSpec,
  DeviceSpec,
  NamespaceMode,
  NetworkSpec,
  Ulimit,
} from "../../engine/container/spec.ts";
import { rlimitNumbers } from "../../kernel/abi/process.ts";
import { parsePublish } from "../../network/ports/parse.ts";
import type { Healthcheck } from "../../spec/image/config.ts";
import { parseUserMode } from "../text/user-namespace.ts";
import { checkContainer } from "./check-container.ts";
import type { ContainerBody, HostConfigBody } from "./container-body.ts";
import { hasMountPoint, mountsOf } from "./container-mounts.ts";
import { refusing } from "./refusing.ts";
import { resourcesOf } from "./resources.ts";
import { restartOf } from "./restart.ts";
import { securityOf } from "./security.ts";

export function containerSpecOf(body: ContainerBody, name: string | undefined): ContainerSpec {
  if (body.Image === undefined) throw new BrigError("invalid", "no command specified");
  const host: HostConfigBody = body.HostConfig ?? {};
  refuseUnknown(host);
  checkContainer(body, host);
  const mounts = refusing(() => mountsOf(host, Object.keys(body.Volumes ?? {})));
  return {
    image: body.Image,
    ...present({
      name: name || undefined,
      command: body.Cmd,
      env: body.Env,
      workingDirectory: body.WorkingDir,
      user: body.User,
      groups: host.GroupAdd,
      hostname: body.Hostname,
      domainname: body.Domainname,
      labels: body.Labels,
      annotations: host.Annotations,
      attach: {
        stdin: body.AttachStdin ?? false,
        stdout: body.AttachStdout ?? false,
        stderr: body.AttachStderr ?? false,
      },
      terminal: body.Tty || undefined,
      openStdin: body.OpenStdin || undefined,
      stdinOnce: body.StdinOnce || undefined,
      init: host.Init || undefined,
      autoRemove: host.AutoRemove || undefined,
      restart: restartOf(host.RestartPolicy),
      stopSignal: body.StopSignal,
      stopTimeout: body.StopTimeout,
      readOnly: host.ReadonlyRootfs || undefined,
      health: body.Healthcheck && (present(body.Healthcheck) as Healthcheck),
      logging: loggingOf(host),
      volumesFrom: host.VolumesFrom,
      deviceRules: host.DeviceCgroupRules,
      mounts: mounts.filter(hasMountPoint),
      shmSize: host.ShmSize || undefined,
      devices: host.Devices?.map(deviceOf),
      capAdd: host.CapAdd,
      capDrop: host.CapDrop,
      privileged: host.Privileged || undefined,
      security: refusing(() => securityOf(host)),
      sysctls: host.Sysctls,
      ulimits: host.Ulimits?.map(ulimitOf),
      oomScoreAdj: host.OomScoreAdj || undefined,
      resources: resourcesOf(host),
      namespaces: present({
        pid: modeOf("pid mode", host.PidMode, ["host", "container"]),
        ipc: modeOf("IPC mode", host.IpcMode, ["host", "container", "private", "shareable", "none"]),
        uts: modeOf("UTS mode", host.UTSMode, ["host"]),
        user: refusing(() => parseUserMode(host.UsernsMode ?? "")),
        cgroup: modeOf("cgroup namespace mode", host.CgroupnsMode, ["host", "private"]),
      }),
      network: refusing(() => networkOf(body, host)),
      runtime: host.Runtime,
      consoleSize: consoleSizeOf(host),
    }),
    // An empty one takes the image's away.
    ...(body.Entrypoint && (body.Entrypoint.length === 0 || body.Entrypoint.join("") === "")
      ? { entrypoint: [] }
      : body.Entrypoint
        ? { entrypoint: body.Entrypoint }
        : {}),
  };
}

const refused: readonly (readonly [said: (host: HostConfigBody) => boolean, what: string])[] = [
  [({ Links }) => (Links?.length ?? 0) > 0, "links between containers; use a network that both are in"],
  [({ DeviceRequests }) => (DeviceRequests?.length ?? 0) > 0, "device requests"],
  [({ StorageOpt }) => Object.keys(StorageOpt ?? {}).length > 0, "storage options"],
  [({ Isolation = "" }) => !["", "default", "process"].includes(Isolation), "that isolation"],
  [({ VolumeDriver = "" }) => !["", "local"].includes(VolumeDriver), "volume drivers but local"],
];

function refuseUnknown(host: HostConfigBody): void {
  const found = refused.find(([said]) => said(host));
  if (found)
    throw new BrigError("unsupported", `cannot create the container: brig does not support ${found[1]}`, {
      code: "unsupported-option",
    });
}

function loggingOf({ LogConfig: log }: HostConfigBody) {
  const options = log?.Config ?? {};
  const driver = log?.Type;
  return driver === undefined && Object.keys(options).length === 0 ? undefined : present({ driver, options });
}

function deviceOf({
  PathOnHost = "",
  PathInContainer = PathOnHost,
  CgroupPermissions = "rwm",
}: NonNullable<HostConfigBody["Devices"]>[number]): DeviceSpec {
  return {
    kind: "path",
    pathOnHost: PathOnHost,
    pathInContainer: PathInContainer,
    permissions: CgroupPermissions,
  };
}

function ulimitOf({
  Name: name,
  Soft: soft,
  Hard: hard,
}: NonNullable<HostConfigBody["Ulimits"]>[number]): Ulimit {
  if (!Object.hasOwn(rlimitNumbers, `RLIMIT_${name.toUpperCase()}`))
    throw new BrigError("invalid", `invalid ulimit type: ${name}`);
  return { name, soft, hard };
}

function modeOf(
  what: string,
  text: string | undefined,
  kinds: readonly NamespaceMode["kind"][],
): NamespaceMode | undefined {
  if (text === undefined) return undefined;
  const container = /^container:(.+)$/s.exec(text)?.[1];
  if (container !== undefined && kinds.includes("container")) return { kind: "container", container };
  const kind = kinds.find((known) => known !== "container" && known === text);
  if (!kind) throw new BrigError("invalid", `invalid ${what}: ${text}`);
  return { kind } as NamespaceMode;
}

function networkOf(body: ContainerBody, host: HostConfigBody): NetworkSpec {
  const mode = host.NetworkMode === "default" ? undefined : host.NetworkMode;
  const endpoints = body.NetworkingConfig?.EndpointsConfig ?? {};
  const endpoint = endpoints[mode ?? "bridge"] ?? endpoints.default;
  return present({
    mode: body.NetworkDisabled ? "none" : mode,
    publish: Object.entries(host.PortBindings ?? {}).flatMap(([port, bindings]) =>
      (bindings.length === 0 ? [{}] : bindings).map((binding) => checked(publishText(port, binding))),
    ),
    publishAll: host.PublishAllPorts || undefined,
    expose: Object.keys(body.ExposedPorts ?? {}),
    address: endpoint?.IPAMConfig?.IPv4Address,
    macAddress: endpoint?.MacAddress ?? body.MacAddress,
    extraHosts: host.ExtraHosts,
    dns: host.Dns,
    dnsSearch: host.DnsSearch,
    dnsOptions: host.DnsOptions,
  });
}

/** Throws for what is no port. */
function checked(text: string): string {
  parsePublish(text);
  return text;
}

/** As `-p` writes it. */
function publishText(
  port: string,
  { HostIp = "", HostPort = "" }: { readonly HostIp?: string; readonly HostPort?: string },
): string {
  const address = HostIp.includes(":") ? `[${HostIp}]` : HostIp;
  return address === "" && HostPort === ""
    ? port
    : `${address === "" ? "" : `${address}:`}${HostPort}:${port}`;
}

function consoleSizeOf({ ConsoleSize: [height = 0, width = 0] = [] }: HostConfigBody) {
  return height > 0 && width > 0 ? { height, width } : undefined;
}
