/** A container's place in its network (Engine API, NetworkSettings). */

import { sha256 } from "../../base/digest.ts";
import type { ContainerInfo } from "../../engine/container/info.ts";
import type { ImageConfig } from "../../spec/image/config.ts";
import { portBindings } from "../ports.ts";

export function networkJson(container: ContainerInfo, image: ImageConfig | undefined) {
  const { id, pid, endpoint, spec } = container;
  const exposed = [...(spec.network?.expose ?? []), ...Object.keys(image?.config?.ExposedPorts ?? {})];
  const live = isLive(container);
  const { MacAddress, ...place } = placeJson(container);
  return {
    Bridge: "",
    SandboxID: live ? sha256(`${id}\0sandbox`).toString("hex") : "",
    SandboxKey: live && pid !== undefined ? `/proc/${pid}/ns/net` : "",
    Ports: live ? portBindings(endpoint?.ports ?? [], exposed) : {},
    HairpinMode: false,
    LinkLocalIPv6Address: "",
    LinkLocalIPv6PrefixLen: 0,
    SecondaryIPAddresses: null,
    SecondaryIPv6Addresses: null,
    ...(isDefault(container) ? place : nowhere),
    MacAddress: isDefault(container) ? MacAddress : "",
    Networks: networksJson(container),
  };
}

/** What a container is in, as lists have it, too. */
export function networksJson(container: ContainerInfo) {
  const { network, spec } = container;
  if (!network) return {};
  const { address } = spec.network ?? {};
  const { MacAddress, ...place } = placeJson(container);
  return {
    [network.name]: {
      IPAMConfig: address === undefined ? null : { IPv4Address: address },
      Links: null,
      Aliases: null,
      MacAddress,
      DriverOpts: null,
      GwPriority: 0,
      // One that never ran has not been in it.
      NetworkID: container.started === undefined ? "" : network.id,
      ...place,
      DNSNames: null,
    },
  };
}

const isLive = ({ state }: ContainerInfo) => state === "running" || state === "paused";

/** The fields of the time when there was one network are those of the bridge. */
const isDefault = ({ network }: ContainerInfo) => network?.name === "bridge";

const nowhere = {
  EndpointID: "",
  Gateway: "",
  IPAddress: "",
  IPPrefixLen: 0,
  IPv6Gateway: "",
  GlobalIPv6Address: "",
  GlobalIPv6PrefixLen: 0,
} as const;

function placeJson(container: ContainerInfo) {
  const { id, endpoint, network } = container;
  if (!isLive(container) || !network) return { ...nowhere, MacAddress: "" };
  const [address = "", length = "0"] = endpoint?.address.split("/") ?? [];
  const [address6 = "", length6 = "0"] = endpoint?.address6?.split("/") ?? [];
  return {
    EndpointID: endpointId(id, network.name),
    Gateway: network.gateway ?? "",
    IPAddress: address,
    IPPrefixLen: Number(length),
    IPv6Gateway: address6 === "" ? "" : (network.gateway6 ?? ""),
    GlobalIPv6Address: address6,
    GlobalIPv6PrefixLen: Number(length6),
    MacAddress: endpoint?.mac ?? "",
  };
}

/** Of a container in a network: 64 hexadecimal digits, the same ones every time. */
export function endpointId(container: string, network: string): string {
  return sha256(`${container}\0${network}`).toString("hex");
}
