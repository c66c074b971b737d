/** A network as `docker network inspect` shows it (Engine API, Network). */

import type { NetworkInfo } from "../../engine/networks.ts";
import { timestamp } from "../timestamp.ts";
import { endpointId } from "./network-settings.ts";

export function networkInfoJson({ name, id, created, driver, config, link, containers }: NetworkInfo) {
  const subnets = [config?.ipv4, config?.ipv6].filter((subnet) => subnet !== undefined);
  return {
    Name: name,
    Id: id,
    Created: timestamp(created),
    Scope: "local",
    Driver: driver,
    EnableIPv4: true,
    EnableIPv6: config?.ipv6 !== undefined,
    IPAM: {
      Driver: "default",
      Options: null,
      Config: subnets.map(({ subnet, gateway }) => ({ Subnet: subnet, Gateway: gateway })),
    },
    Internal: config?.internal ?? false,
    Attachable: false,
    Ingress: false,
    ConfigFrom: { Network: "" },
    ConfigOnly: false,
    Containers: Object.fromEntries(
      containers.map((container) => [container.id, memberJson(container, name)]),
    ),
    Options: config && link ? bridgeOptions(config, link) : {},
    Labels: {},
  };
}

function memberJson({ id, name, endpoint }: NetworkInfo["containers"][number], network: string) {
  return {
    Name: name,
    EndpointID: endpointId(id, network),
    MacAddress: endpoint?.mac ?? "",
    IPv4Address: endpoint?.address ?? "",
    IPv6Address: endpoint?.address6 ?? "",
  };
}

function bridgeOptions(config: NonNullable<NetworkInfo["config"]>, link: string) {
  return {
    "com.docker.network.bridge.default_bridge": "true",
    "com.docker.network.bridge.enable_icc": String(config.communication),
    "com.docker.network.bridge.enable_ip_masquerade": String(config.masquerade),
    "com.docker.network.bridge.host_binding_ipv4": config.hostIp,
    "com.docker.network.bridge.name": link,
    "com.docker.network.driver.mtu": String(config.mtu),
  };
}
