/**
 * Answers as earlier versions of the API had them (Docker's "Engine API version history"): each row changes what the
 * newest has into what there was before a version 1.N, the newest change first.
 */

import { noConfig } from "./image.ts";

type Json = Readonly<Record<string, unknown>>;

interface Change {
  /** Clients of 1.N and later get it as it is. */
  readonly before: number;
  readonly had: (value: Json) => Json;
}

/** `minor` is N of the version 1.N that the client speaks. */
export function asOf(kind: keyof typeof history, minor: number, value: object): Json {
  return history[kind]
    .filter(({ before }) => minor < before)
    .reduce((changed, { had }) => had(changed), value as Json);
}

/** Of a container's config; an image has none of these. */
const containerOnly = {
  Hostname: "",
  Domainname: "",
  AttachStdin: false,
  AttachStdout: false,
  AttachStderr: false,
  Tty: false,
  OpenStdin: false,
  StdinOnce: false,
  Image: "",
} as const;

const emptyConfig = { ...containerOnly, ...noConfig } as const;

const virtualSize: Change = { before: 44, had: (image) => ({ ...image, VirtualSize: image.Size }) };

/** In each of the networks that a container is in. */
function withoutInNetworks(...fields: readonly string[]): Change["had"] {
  return (container) => {
    const settings = container.NetworkSettings as Json;
    const networks = Object.entries(settings.Networks as Json).map(([name, place]) => [
      name,
      without(place as Json, fields),
    ]);
    return { ...container, NetworkSettings: { ...settings, Networks: Object.fromEntries(networks) } };
  };
}

function without(value: Json, fields: readonly string[]): Json {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !fields.includes(name)));
}

const places: readonly Change[] = [
  { before: 48, had: withoutInNetworks("GwPriority") },
  { before: 44, had: withoutInNetworks("DNSNames") },
];

const history = {
  image: [
    { before: 50, had: (image) => ({ ...image, Config: { ...containerOnly, ...(image.Config as Json) } }) },
    { before: 45, had: (image) => ({ ...image, Container: "", ContainerConfig: emptyConfig }) },
    virtualSize,
  ],
  "image in a list": [
    { before: 51, had: (image) => ({ ...image, Containers: -1 }) },
    virtualSize,
    {
      before: 43,
      had: (image) =>
        (image.RepoTags as readonly string[]).length > 0
          ? image
          : { ...image, RepoTags: ["<none>:<none>"], RepoDigests: ["<none>@<none>"] },
    },
  ],
  container: [
    ...places,
    {
      before: 42,
      had: (container) => ({
        ...container,
        HostConfig: { ...(container.HostConfig as Json), KernelMemory: 0, KernelMemoryTCP: 0 },
      }),
    },
  ],
  "container in a list": [
    ...places,
    {
      before: 46,
      had: (container) => ({
        ...container,
        HostConfig: without(container.HostConfig as Json, ["Annotations"]),
      }),
    },
  ],
  network: [{ before: 48, had: (network) => without(network, ["EnableIPv4"]) }],
  information: [
    {
      before: 50,
      had: (facts) => ({
        ...without(facts, ["DiscoveredDevices"]),
        // Clients warn where they are false; no frame of a bridge of brig's needs them.
        BridgeNfIptables: true,
        BridgeNfIp6tables: true,
      }),
    },
    {
      before: 49,
      had: (facts) => ({
        ...without(facts, ["FirewallBackend"]),
        RegistryConfig: {
          AllowNondistributableArtifactsCIDRs: [],
          AllowNondistributableArtifactsHostnames: [],
          ...(facts.RegistryConfig as Json),
        },
      }),
    },
    { before: 46, had: (facts) => without(facts, ["Containerd"]) },
    { before: 44, had: (facts) => without(facts, ["CDISpecDirs"]) },
    { before: 42, had: (facts) => ({ ...facts, KernelMemory: true, KernelMemoryTCP: true }) },
  ],
} as const satisfies Readonly<Record<string, readonly Change[]>>;
