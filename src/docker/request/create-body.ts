/**
 * What the engine is asked for → what `POST /containers/create` asks for: the inverse of container-spec.ts, so that
 * what the command line was told reaches another engine whole. What was not said is left to that engine.
 */

import type { ContainerSpec } from "../../engine/container/spec.ts";
import { parsePublish } from "../../network/ports/parse.ts";
import { hostConfigJson, modeText } from "../inspect/host-config.ts";
import { sayMounts } from "../mount-body.ts";
import { exposedPorts } from "../ports.ts";

/** Minor number of the version of the API that has addresses of Ethernet with the network, not with the container. */
const networkMac = 44;

/** `minor`: of the version that is spoken, 41 for 1.41. */
export function createBody(spec: ContainerSpec, minor: number) {
  const { network = {}, attach = {} } = spec;
  const { stdin = spec.stdinOnce ?? false, stdout = true, stderr = true } = attach;
  const { binds, mounts, tmpfs, anonymous } = sayMounts(spec.mounts ?? []);
  const address = network.address === undefined ? {} : { IPAMConfig: { IPv4Address: network.address } };
  const mac = network.macAddress === undefined ? {} : { MacAddress: network.macAddress };
  const endpoint = { ...address, ...(minor >= networkMac ? mac : {}) };
  // What is published is exposed as well, or Docker publishes nothing.
  const published = (network.publish ?? []).flatMap(parsePublish);
  const ports = published.map(({ containerPort, protocol }) => `${containerPort}/${protocol}`);
  return {
    Hostname: spec.hostname ?? "",
    Domainname: spec.domainname ?? "",
    User: spec.user ?? "",
    AttachStdin: stdin,
    AttachStdout: stdout,
    AttachStderr: stderr,
    ExposedPorts: exposedPorts([...(network.expose ?? []), ...ports]),
    Tty: spec.terminal ?? false,
    OpenStdin: spec.openStdin ?? false,
    StdinOnce: spec.stdinOnce ?? false,
    Env: spec.env ?? [],
    Cmd: spec.command ?? null,
    // A list without a word would be left out on the way.
    Entrypoint: spec.entrypoint === undefined ? null : spec.entrypoint.length === 0 ? [""] : spec.entrypoint,
    ...(spec.health ? { Healthcheck: spec.health } : {}),
    Image: spec.image,
    Volumes: Object.fromEntries(anonymous.map((target) => [target, {}])),
    WorkingDir: spec.workingDirectory ?? "",
    ...(minor >= networkMac ? {} : mac),
    Labels: spec.labels ?? {},
    ...(spec.stopSignal === undefined ? {} : { StopSignal: spec.stopSignal }),
    ...(spec.stopTimeout === undefined ? {} : { StopTimeout: spec.stopTimeout }),
    HostConfig: { ...hostConfig(spec), Binds: binds, Mounts: mounts, Tmpfs: tmpfs },
    NetworkingConfig: {
      EndpointsConfig: Object.keys(endpoint).length === 0 ? {} : { [network.mode ?? "bridge"]: endpoint },
    },
  };
}

export type CreateBody = ReturnType<typeof createBody>;

/** Where `inspect` shows what an engine has chosen, a request shows that nothing was said. */
function hostConfig(spec: ContainerSpec) {
  const { network = {}, namespaces = {}, resources = {}, logging = {}, devices = [] } = spec;
  const { MaskedPaths: _masked, ReadonlyPaths: _readonly, ...shown } = hostConfigJson({ spec });
  const named = devices.flatMap((device) => (device.kind === "cdi" ? [device.name] : []));
  return {
    ...shown,
    LogConfig: { Type: logging.driver ?? "", Config: logging.options ?? {} },
    NetworkMode: network.mode ?? "default",
    CgroupnsMode: modeText(namespaces.cgroup),
    IpcMode: modeText(namespaces.ipc),
    ShmSize: spec.shmSize ?? 0,
    Runtime: spec.runtime ?? "",
    MemorySwap: resources.memorySwap ?? 0,
    Init: spec.init ?? null,
    DeviceRequests: named.length === 0 ? null : [{ Driver: "cdi", DeviceIDs: named }],
    ...systemPaths(spec, shown.SecurityOpt),
  };
}

/** `systempaths=unconfined` is a word of Docker's command line; its API has two empty lists for it. */
function systemPaths({ security = {} }: ContainerSpec, options: readonly string[] | null) {
  if (!security.systemPathsUnconfined) return {};
  return {
    SecurityOpt: (options ?? []).filter((option) => option !== "systempaths=unconfined"),
    MaskedPaths: [],
    ReadonlyPaths: [],
  };
}
