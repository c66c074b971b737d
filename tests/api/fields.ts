/**
 * What versions 1.42 to 1.51 of the API added to answers and took from them (Docker's "Engine API version history"),
 * as far as brig has what they tell of. Debian's dockerd ends with 1.41, so these are tested against this table.
 */

export interface FieldChange {
  /** `{id}` is a container that runs, with an annotation. */
  readonly ask: string;
  /** In the answer, or in the first of a list. */
  readonly field: string;
  /** N of 1.N: there from this version on. */
  readonly since?: number;
  /** There before this version. */
  readonly until?: number;
}

export const answerFields: readonly FieldChange[] = [
  { ask: "/containers/{id}/json", field: "HostConfig.KernelMemory", until: 42 },
  { ask: "/containers/{id}/json", field: "HostConfig.KernelMemoryTCP", until: 42 },
  { ask: "/info", field: "KernelMemory", until: 42 },
  { ask: "/info", field: "KernelMemoryTCP", until: 42 },
  { ask: "/images/busybox/json", field: "VirtualSize", until: 44 },
  { ask: "/images/json", field: "VirtualSize", until: 44 },
  { ask: "/containers/{id}/json", field: "NetworkSettings.Networks.bridge.DNSNames", since: 44 },
  { ask: "/info", field: "CDISpecDirs", since: 44 },
  { ask: "/images/busybox/json", field: "Container", until: 45 },
  { ask: "/images/busybox/json", field: "ContainerConfig", until: 45 },
  { ask: "/containers/json", field: "HostConfig.Annotations", since: 46 },
  { ask: "/containers/{id}/json", field: "NetworkSettings.Networks.bridge.GwPriority", since: 48 },
  { ask: "/containers/json", field: "NetworkSettings.Networks.bridge.GwPriority", since: 48 },
  { ask: "/networks/bridge", field: "EnableIPv4", since: 48 },
  { ask: "/networks", field: "EnableIPv4", since: 48 },
  { ask: "/info", field: "FirewallBackend", since: 49 },
  { ask: "/info", field: "RegistryConfig.AllowNondistributableArtifactsCIDRs", until: 49 },
  { ask: "/info", field: "RegistryConfig.AllowNondistributableArtifactsHostnames", until: 49 },
  { ask: "/info", field: "BridgeNfIptables", until: 50 },
  { ask: "/info", field: "BridgeNfIp6tables", until: 50 },
  { ask: "/info", field: "DiscoveredDevices", since: 50 },
  ...[
    "Hostname",
    "Domainname",
    "AttachStdin",
    "AttachStdout",
    "AttachStderr",
    "Tty",
    "OpenStdin",
    "StdinOnce",
    "Image",
  ].map((field) => ({ ask: "/images/busybox/json", field: `Config.${field}`, until: 50 })),
];

export interface RequestField {
  readonly since: number;
  /** Of `POST /containers/create`. */
  readonly body: object;
  /** Where `GET /containers/{id}/json` shows it, and as what. */
  readonly field: string;
  readonly shown: unknown;
}

export const requestFields: readonly RequestField[] = [
  {
    since: 42,
    body: { HostConfig: { ConsoleSize: [33, 44] } },
    field: "HostConfig.ConsoleSize",
    shown: [33, 44],
  },
  {
    since: 43,
    body: { HostConfig: { Annotations: { a: "b" } } },
    field: "HostConfig.Annotations.a",
    shown: "b",
  },
  {
    since: 44,
    body: { Healthcheck: { Test: ["CMD", "true"], StartInterval: 2_000_000_000 } },
    field: "Config.Healthcheck.StartInterval",
    shown: 2_000_000_000,
  },
  {
    since: 46,
    body: {
      HostConfig: { Mounts: [{ Type: "tmpfs", Target: "/t", TmpfsOptions: { Options: [["noexec"]] } }] },
    },
    field: "Mounts.0.Destination",
    shown: "/t",
  },
  {
    since: 48,
    body: { HostConfig: { Mounts: [{ Type: "image", Source: "busybox", Target: "/i" }] } },
    field: "Mounts.0.Type",
    shown: "image",
  },
];
