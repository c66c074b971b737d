/** The body of `POST /containers/create` (Engine API 1.51, ContainerCreate): what of it brig reads. */

import { boolean, int64, kernelText, text, whole } from "../../spec/schema/scalars.ts";
import {
  described,
  type Infer,
  jsonOf,
  list,
  looseObject,
  omitEmpty,
  optional,
  record,
  type Schema,
} from "../../spec/schema/schema.ts";

/** One word, or several. */
const words: Schema<readonly string[]> = described(
  (value, at) => (typeof value === "string" ? [kernelText(value, at)] : list(kernelText)(value, at)),
  () => ({ anyOf: [jsonOf(kernelText), jsonOf(list(kernelText))] }),
);

/** Null is an empty one. */
const orEmpty = <T>(schema: Schema<T>, empty: T): Schema<T> =>
  described(
    (value, at) => (value === null ? empty : schema(value, at)),
    () => ({ anyOf: [jsonOf(schema), { type: "null" }] }),
  );

const flag = optional(boolean);
const count = optional(whole);
const word = omitEmpty(kernelText);
const texts = optional(list(kernelText));
/** A set, as Go writes it: the keys count. */
const set = optional(record((value) => value ?? {}));

export const healthBody = looseObject({
  Test: texts,
  Interval: optional(int64),
  Timeout: optional(int64),
  StartPeriod: optional(int64),
  StartInterval: optional(int64),
  Retries: count,
});

const portBinding = looseObject({ HostIp: omitEmpty(text), HostPort: omitEmpty(text) });

const mountBody = looseObject({
  Type: word,
  Source: word,
  Target: word,
  ReadOnly: flag,
  BindOptions: optional(
    looseObject({
      Propagation: word,
      NonRecursive: flag,
      CreateMountpoint: flag,
      ReadOnlyNonRecursive: flag,
      ReadOnlyForceRecursive: flag,
    }),
  ),
  VolumeOptions: optional(
    looseObject({
      NoCopy: flag,
      Labels: optional(record(text)),
      Subpath: word,
      DriverConfig: optional(looseObject({ Name: word, Options: optional(record(text)) })),
    }),
  ),
  ImageOptions: optional(looseObject({ Subpath: word })),
  TmpfsOptions: optional(looseObject({ SizeBytes: count, Mode: count, Options: optional(list(list(text))) })),
});

const rate = looseObject({ Path: kernelText, Rate: whole });
const weight = looseObject({ Path: kernelText, Weight: whole });

/** What `update` changes, too. */
export const resourceFields = {
  CpuShares: count,
  Memory: count,
  NanoCpus: count,
  CgroupParent: word,
  BlkioWeight: count,
  BlkioWeightDevice: optional(list(weight)),
  BlkioDeviceReadBps: optional(list(rate)),
  BlkioDeviceWriteBps: optional(list(rate)),
  BlkioDeviceReadIOps: optional(list(rate)),
  BlkioDeviceWriteIOps: optional(list(rate)),
  CpuPeriod: count,
  CpuQuota: count,
  CpusetCpus: word,
  CpusetMems: word,
  MemoryReservation: count,
  MemorySwap: count,
  OomKillDisable: flag,
  PidsLimit: count,
} as const;

export const restartBody = looseObject({ Name: word, MaximumRetryCount: count });

const hostConfig = looseObject({
  ...resourceFields,
  Binds: texts,
  LogConfig: optional(looseObject({ Type: word, Config: optional(record(text)) })),
  NetworkMode: word,
  PortBindings: optional(record(orEmpty(list(portBinding), []))),
  RestartPolicy: optional(restartBody),
  AutoRemove: flag,
  VolumeDriver: word,
  VolumesFrom: texts,
  Mounts: optional(list(mountBody)),
  ConsoleSize: optional(list(whole)),
  CapAdd: optional(words),
  CapDrop: optional(words),
  CgroupnsMode: word,
  Annotations: optional(record(text)),
  Dns: texts,
  DnsOptions: texts,
  DnsSearch: texts,
  ExtraHosts: texts,
  GroupAdd: texts,
  IpcMode: word,
  Links: texts,
  OomScoreAdj: count,
  PidMode: word,
  Privileged: flag,
  PublishAllPorts: flag,
  ReadonlyRootfs: flag,
  SecurityOpt: texts,
  StorageOpt: optional(record(text)),
  Tmpfs: optional(record(text)),
  UTSMode: word,
  UsernsMode: word,
  ShmSize: count,
  Sysctls: optional(record(kernelText)),
  Runtime: word,
  Isolation: word,
  Devices: optional(list(looseObject({ PathOnHost: word, PathInContainer: word, CgroupPermissions: word }))),
  DeviceCgroupRules: texts,
  DeviceRequests: optional(list((value) => value)),
  Ulimits: optional(list(looseObject({ Name: text, Soft: whole, Hard: whole }))),
  Init: flag,
  MaskedPaths: texts,
  ReadonlyPaths: texts,
});

const endpoint = looseObject({
  IPAMConfig: optional(looseObject({ IPv4Address: word, IPv6Address: word, LinkLocalIPs: texts })),
  Aliases: texts,
  MacAddress: word,
});

export const containerBody = looseObject({
  Hostname: word,
  Domainname: word,
  User: word,
  AttachStdin: flag,
  AttachStdout: flag,
  AttachStderr: flag,
  ExposedPorts: set,
  Tty: flag,
  OpenStdin: flag,
  StdinOnce: flag,
  Env: texts,
  Cmd: optional(words),
  Entrypoint: optional(words),
  Healthcheck: optional(healthBody),
  Image: word,
  Volumes: set,
  WorkingDir: word,
  MacAddress: word,
  NetworkDisabled: flag,
  Labels: optional(record(text)),
  StopSignal: word,
  StopTimeout: count,
  HostConfig: optional(hostConfig),
  NetworkingConfig: optional(
    looseObject({
      EndpointsConfig: optional(record(orEmpty(endpoint, {}))),
    }),
  ),
});

export interface ContainerBody extends Infer<typeof containerBody> {}
export type HostConfigBody = NonNullable<ContainerBody["HostConfig"]>;
export type MountBody = NonNullable<HostConfigBody["Mounts"]>[number];
