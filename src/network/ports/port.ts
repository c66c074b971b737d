/** A published port: what the host's clients call, and where in the container it leads. */

import { formatIp, ip } from "../../kernel/netlink/ip.ts";

export type PortProtocol = keyof typeof protocolNumbers;

/** IANA protocol numbers of what Docker publishes. */
export const protocolNumbers = { tcp: 6, udp: 17, sctp: 132 } as const;

export interface PublishedPort {
  readonly protocol: PortProtocol;
  /** The host's address; "" and "0.0.0.0" are all of IPv4 ("" of IPv6 too), "::" all of IPv6. */
  readonly hostIp: string;
  readonly hostPort: number;
  readonly containerPort: number;
}

/** "0.0.0.0:8080->80/tcp", as `ps` shows it. */
export function formatPort({ protocol, hostIp, hostPort, containerPort }: PublishedPort): string {
  return `${formatHost(hostIp)}:${hostPort}->${containerPort}/${protocol}`;
}

/** The address as it stands before a port: IPv6 in brackets. */
export function formatHost(hostIp: string): string {
  if (hostIp === "") return "0.0.0.0";
  return hostIp.includes(":") ? `[${formatIp(ip(hostIp))}]` : hostIp;
}
