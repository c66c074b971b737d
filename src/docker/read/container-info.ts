/** What `inspect` shows of a container → what the engine tells of one: the inverse of inspect/container.ts. */

import type { ContainerId, HostPath } from "../../base/ids.ts";
import { present } from "../../base/present.ts";
import type { ContainerInfo, ContainerState } from "../../engine/container/info.ts";
import type { Endpoint } from "../../network/endpoint.ts";
import type { PortProtocol, PublishedPort } from "../../network/ports/port.ts";
import { boolean, text, whole } from "../../spec/schema/scalars.ts";
import {
  type Infer,
  list,
  looseObject,
  omitEmpty,
  optional,
  record,
  type Schema,
} from "../../spec/schema/schema.ts";
import { type ContainerBody, containerBody } from "../request/container-body.ts";
import { containerSpecOf } from "../request/container-spec.ts";
import { milliseconds } from "./time.ts";

const word = omitEmpty(text);
const anything = ((value: unknown) => value) as Schema<unknown>;

const binding = looseObject({ HostIp: word, HostPort: word });

const place = looseObject({
  NetworkID: word,
  Gateway: word,
  IPv6Gateway: word,
  MacAddress: word,
  IPAddress: word,
  IPPrefixLen: optional(whole),
  GlobalIPv6Address: word,
  GlobalIPv6PrefixLen: optional(whole),
});

const mountPoint = looseObject({ Type: word, Name: word, Source: word, Destination: word });

const containerDocument = looseObject({
  Id: text,
  Created: word,
  Path: word,
  Args: optional(list(text)),
  State: looseObject({
    Status: word,
    Running: optional(boolean),
    Paused: optional(boolean),
    OOMKilled: optional(boolean),
    Pid: optional(whole),
    ExitCode: optional(whole),
    Error: word,
    StartedAt: word,
    FinishedAt: word,
  }),
  Image: word,
  ResolvConfPath: word,
  HostnamePath: word,
  HostsPath: word,
  LogPath: word,
  Name: text,
  Driver: word,
  Mounts: optional(list(mountPoint)),
  Config: anything,
  HostConfig: anything,
  NetworkSettings: optional(
    looseObject({
      Ports: optional(
        record(((value, at) => (value === null ? [] : list(binding)(value, at))) as Schema<
          readonly Infer<typeof binding>[]
        >),
      ),
      Networks: optional(record(place)),
    }),
  ),
});

type Document = Infer<typeof containerDocument>;

/** Throws for what is no such document. */
export function containerInfoOf(value: unknown, at: string): ContainerInfo {
  const document = containerDocument(value, at);
  const { State: state, Mounts: mounts = [] } = document;
  const body = bodyOf(document, at);
  const name = document.Name.replace(/^\//, "");
  return {
    id: document.Id as ContainerId,
    name,
    image: body.Image ?? document.Image ?? "",
    imageId: document.Image ?? "",
    state: stateOf(document),
    created: milliseconds(document.Created) ?? 0,
    oom: state.OOMKilled ?? false,
    // Others have more drivers.
    driver: (document.Driver ?? "") as ContainerInfo["driver"],
    command: [document.Path ?? "", ...(document.Args ?? [])].filter((part, i) => i > 0 || part !== ""),
    hostname: body.Hostname ?? "",
    networkFiles: {
      hosts: (document.HostsPath ?? "") as HostPath,
      hostname: (document.HostnamePath ?? "") as HostPath,
      "resolv.conf": (document.ResolvConfPath ?? "") as HostPath,
    },
    spec: containerSpecOf(body, name),
    volumes: mounts
      .filter(({ Type: type }) => type === "volume")
      .map(({ Name = "", Source = "", Destination = "" }) => ({
        name: Name,
        path: Source,
        target: Destination,
      })),
    logPath: document.LogPath ?? "",
    ...present({
      domainname: body.Domainname,
      started: milliseconds(state.StartedAt),
      finished: milliseconds(state.FinishedAt),
      exitCode: milliseconds(state.FinishedAt) === undefined ? undefined : state.ExitCode,
      error: state.Error,
      pid: state.Pid || undefined,
    }),
    ...networkOf(document),
    ...endpointOf(document),
    ...idsOf(document),
  };
}

const mappings = looseObject({
  IDMappings: optional(looseObject({ UidMap: optional(list(text)) })),
});

/** "0:1879048192:65536": Podman's name for it, and brig's. */
function idsOf({ HostConfig: host }: Document): Pick<ContainerInfo, "ids"> {
  const [map = ""] = mappings(host ?? {}, "HostConfig:").IDMappings?.UidMap ?? [];
  const [, first, size] = /^0:(\d{1,10}):(\d{1,10})$/.exec(map) ?? [];
  return first === undefined ? {} : { ids: { first: Number(first), size: Number(size) } };
}

const states: Readonly<Record<string, ContainerState>> = {
  created: "created",
  running: "running",
  paused: "paused",
  // Its next start is a matter of time.
  restarting: "running",
  removing: "removing",
  exited: "exited",
  dead: "exited",
};

function stateOf({ State: { Status: status, Running: running, Paused: paused } }: Document): ContainerState {
  return states[status ?? ""] ?? (paused ? "paused" : running ? "running" : "exited");
}

/** As if it were to be made again; what brig itself has not is left out. */
function bodyOf({ Config: config, HostConfig: host }: Document, at: string): ContainerBody {
  const known = Object.entries((host ?? {}) as object).filter(([key]) => !foreign.has(key.toLowerCase()));
  const body = { ...(config as object), HostConfig: Object.fromEntries(known) };
  return containerBody(body, at);
}

const foreign: ReadonlySet<string> = new Set([
  "links",
  "devicerequests",
  "storageopt",
  "isolation",
  "volumedriver",
  // Docker shows what they come to, for every container.
  "maskedpaths",
  "readonlypaths",
]);

/** The first one, where it is in several. */
function networkOf({ NetworkSettings: settings }: Document): Pick<ContainerInfo, "network"> {
  const [name, found] = Object.entries(settings?.Networks ?? {})[0] ?? [];
  if (name === undefined || !found) return {};
  const { NetworkID: id = "", Gateway: gateway, IPv6Gateway: gateway6 } = found;
  return { network: { name, id, ...present({ gateway, gateway6 }) } };
}

/** Its first place in a network; the ports are those that are published. */
function endpointOf({ NetworkSettings: settings }: Document): { readonly endpoint?: Endpoint } {
  const first = Object.values(settings?.Networks ?? {}).find(
    ({ IPAddress: address }) => address !== undefined,
  );
  if (!first) return {};
  const { IPAddress: address, GlobalIPv6Address: address6 } = first;
  return {
    endpoint: {
      address: `${address}/${first.IPPrefixLen ?? 0}`,
      ...(address6 === undefined ? {} : { address6: `${address6}/${first.GlobalIPv6PrefixLen ?? 0}` }),
      mac: first.MacAddress ?? "",
      // Names in the kernel, which nobody tells.
      host: { name: "", index: 0 },
      container: { name: "", index: 0 },
      defaultRoute: true,
      ports: Object.entries(settings?.Ports ?? {}).flatMap(([port, bindings]) => publishedOf(port, bindings)),
    },
  };
}

/** "80/tcp" and where the host has it. */
function publishedOf(port: string, bindings: readonly Infer<typeof binding>[]): readonly PublishedPort[] {
  const [number = "", protocol = "tcp"] = port.split("/");
  return bindings.map(({ HostIp = "", HostPort = "0" }) => ({
    protocol: protocol as PortProtocol,
    hostIp: HostIp,
    hostPort: Number(HostPort),
    containerPort: Number(number),
  }));
}
