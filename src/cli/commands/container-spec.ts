/**
 * What `run` and `create` were told → what the engine is asked for. What was not said is absent: the image's value
 * holds then, or the engine's.
 */

import { readFileSync } from "node:fs";
import { BrigError, messageOf } from "../../base/errors.ts";
import { type Present, present } from "../../base/present.ts";
import { signalName } from "../../base/signals.ts";
import type { ContainerSpec, LoggingSpec, NetworkSpec, SecuritySpec } from "../../engine/container/spec.ts";
import { parseExpose, parsePublish } from "../../network/ports/parse.ts";
import type { OptionsOf } from "../flags/flag.ts";
import type { containerFlags } from "../options/container/flags.ts";
import { resolveEnvironment } from "../options/values/env.ts";
import { resolveLabels } from "../options/values/label.ts";
import { resolveNetworks } from "../options/values/network.ts";
import { absoluteSource } from "../options/values/volume.ts";
import { healthOf } from "./health.ts";
import { refuseUnsupported } from "./unsupported-options.ts";

export type ContainerOptions = OptionsOf<typeof containerFlags>;

/** The caller's side, from which options that name something take it. */
export interface Caller {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly directory: string;
}

export function containerSpec(
  options: ContainerOptions,
  [image, ...command]: readonly string[],
  { environment, directory }: Caller,
  /** The caller's stdin is connected: its end is the container's. */
  stdinOnce: boolean,
): ContainerSpec {
  refuseUnsupported(options);
  const spec: ContainerSpec = {
    image: image!,
    ...present({
      name: options.name || undefined,
      command,
      env: resolveEnvironment(options.env, options.envFile, { environment, readFile }),
      workingDirectory: options.workdir || undefined,
      user: options.user || undefined,
      groups: options.groupAdd,
      hostname: options.hostname || undefined,
      domainname: options.domainname || undefined,
      labels: resolveLabels(options.label, options.labelFile, readFile),
      terminal: options.tty || undefined,
      openStdin: options.interactive || undefined,
      stdinOnce: (options.interactive && stdinOnce) || undefined,
      init: options.init || undefined,
      autoRemove: options.rm || undefined,
      restart: options.restart.name === "no" ? undefined : options.restart,
      stopSignal: options.stopSignal === undefined ? undefined : signalName(options.stopSignal),
      stopTimeout: options.stopTimeout,
      readOnly: options.readOnly || undefined,
      health: healthOf(options),
      logging: loggingOf(options),
      volumesFrom: options.volumesFrom,
      deviceRules: options.deviceCgroupRule,
      mounts: [...options.volume, ...options.mount, ...options.tmpfs].map((mount) =>
        absoluteSource(mount, directory),
      ),
      shmSize: options.shmSize,
      devices: options.device,
      capAdd: options.capAdd,
      capDrop: options.capDrop,
      privileged: options.privileged || undefined,
      security: securityOf(options),
      sysctls: options.sysctl,
      ulimits: options.ulimit,
      oomScoreAdj: options.oomScoreAdj,
      resources: resourcesOf(options),
      namespaces: present({
        pid: options.pid,
        ipc: options.ipc,
        uts: options.uts,
        user: options.userns,
        cgroup: options.cgroupns,
      }),
      network: networkOf(options),
      runtime: options.isolation === "sandbox" ? "runsc" : options.runtime || undefined,
    }),
    // An empty one is not the same as none: it takes the image's away.
    ...(options.entrypoint === undefined
      ? {}
      : { entrypoint: options.entrypoint === "" ? [] : [options.entrypoint] }),
  };
  // Docker's client reads these, too, though it does not need them.
  for (const text of options.publish) parsePublish(text);
  for (const text of options.expose) parseExpose(text);
  return spec;
}

/** Options without a driver are those of the usual one. */
function loggingOf({ logDriver, logOpt }: ContainerOptions): Present<LoggingSpec> | undefined {
  const driver = logDriver || undefined;
  const said = driver !== undefined || Object.keys(logOpt).length > 0;
  return said ? present({ driver, options: logOpt }) : undefined;
}

function resourcesOf(options: ContainerOptions) {
  return present({
    memory: options.memory,
    memorySwap: options.memorySwap,
    memoryReservation: options.memoryReservation,
    oomKillDisable: options.oomKillDisable || undefined,
    nanoCpus: options.cpus,
    cpuShares: options.cpuShares,
    cpuQuota: options.cpuQuota,
    cpuPeriod: options.cpuPeriod,
    cpusetCpus: options.cpusetCpus || undefined,
    cpusetMems: options.cpusetMems || undefined,
    pidsLimit: options.pidsLimit,
    blkioWeight: options.blkioWeight,
    blkioWeightDevice: options.blkioWeightDevice,
    deviceReadBps: options.deviceReadBps,
    deviceReadIops: options.deviceReadIops,
    deviceWriteBps: options.deviceWriteBps,
    deviceWriteIops: options.deviceWriteIops,
    cgroupParent: options.cgroupParent || undefined,
  });
}

function networkOf(options: ContainerOptions): Present<NetworkSpec> {
  const [network] = resolveNetworks(options.network, options);
  const attachment = network?.kind === "network" ? network : undefined;
  return present({
    mode: modeOf(network!),
    publish: options.publish,
    publishAll: options.publishAll || undefined,
    expose: options.expose,
    address: attachment?.ipv4,
    macAddress: attachment?.mac ?? options.macAddress,
    extraHosts: options.addHost.map(({ name, address }) => `${name}:${address}`),
    dns: options.dns,
    dnsSearch: options.dnsSearch,
    dnsOptions: options.dnsOption,
  });
}

function modeOf(network: ReturnType<typeof resolveNetworks>[number]): string | undefined {
  switch (network.kind) {
    case "host":
    case "none":
      return network.kind;
    case "container":
      return `container:${network.container}`;
    case "network":
      return network.name === "default" ? undefined : network.name;
  }
}

function securityOf({ securityOpt }: ContainerOptions): Present<SecuritySpec> {
  const { seccomp, apparmor, noNewPrivileges, systemPathsUnconfined, mask, unmask } = securityOpt;
  return present({
    seccomp:
      seccomp?.kind === "file" ? { kind: "profile" as const, json: readProfile(seccomp.path) } : seccomp,
    apparmor,
    noNewPrivileges,
    systemPathsUnconfined,
    mask,
    unmask,
  });
}

function readProfile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const reason = messageOf(openError(path, cause));
    throw new BrigError("invalid", `opening seccomp profile (${path}) failed: ${reason}`, { cause });
  }
}

export function readFile(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw openError(path, cause);
  }
}

/** In Docker's words. */
export function openError(path: string, cause: unknown): BrigError {
  const { code } = cause as NodeJS.ErrnoException;
  const reason = code === "ENOENT" ? "no such file or directory" : messageOf(cause);
  return new BrigError("invalid", `open ${path}: ${reason}`, { cause });
}
