/** One container's place in one network, as the engine stores it before anything of it exists. */

import type { Ip, Prefix } from "../kernel/netlink/ip.ts";
import { formatPrefix } from "../kernel/netlink/ip.ts";
import { formatMac, macOf } from "../kernel/netlink/mac.ts";
import type { PublishedPort } from "./ports/port.ts";

/** Plain JSON: addresses as text. */
export interface Endpoint {
  /** With the length of the subnet: "172.30.0.2/16". */
  readonly address: string;
  readonly address6?: string;
  /** "02:42:ac:1e:00:02" */
  readonly mac: string;
  readonly host: InterfaceName;
  readonly container: InterfaceName;
  /** Whether the container's default route leads through this network; one of its networks has it. */
  readonly defaultRoute: boolean;
  readonly ports: readonly PublishedPort[];
}

export interface InterfaceName {
  readonly name: string;
  readonly index: number;
}

export interface EndpointRequest {
  readonly address: Ip;
  readonly address6?: Ip;
  readonly subnet: Prefix;
  readonly subnet6?: Prefix;
  readonly mac?: string;
  /** 0 for the container's first network: eth0. */
  readonly position: number;
  readonly defaultRoute: boolean;
  readonly ports: readonly PublishedPort[];
}

/** Names what the container will be known by; the host's end gets a random name and index. */
export function newEndpoint(request: EndpointRequest, random: (size: number) => Uint8Array): Endpoint {
  const { address, address6, subnet, subnet6, position, defaultRoute, ports } = request;
  return {
    address: formatPrefix({ address, length: subnet.length }),
    ...(address6 && subnet6 && { address6: formatPrefix({ address: address6, length: subnet6.length }) }),
    mac: request.mac ?? formatMac(macOf(address)),
    host: { name: `veth${Buffer.from(random(4)).toString("hex").slice(0, 7)}`, index: linkIndex(random) },
    container: { name: `eth${position}`, index: firstContainerIndex + position },
    defaultRoute,
    ports,
  };
}

/**
 * A random index for an interface of ours on the host: a veth's peer gets its explicit index only together with
 * one (src/kernel/netlink/link.ts). The kernel counts its own from 1 and never comes near.
 */
export function linkIndex(random: (size: number) => Uint8Array): number {
  return firstIndex + (Buffer.from(random(4)).readUInt32LE() & 0x0fffffff);
}

const firstIndex = 0x10000000;

/** The address alone, as `inspect` and /etc/hosts show it. */
export const addressOf = (endpoint: Endpoint): string => endpoint.address.split("/")[0]!;

/** Whether an interface of the host can only be the host's end of a container's: by the name and index it was given. */
export function isHostEnd({ name, index }: InterfaceName): boolean {
  return /^veth[0-9a-f]{7}$/.test(name) && index >= firstIndex && index < 2 * firstIndex;
}

/** Above the interfaces that a new namespace may be born with: lo and up to nine fallback tunnels. */
const firstContainerIndex = 100;
