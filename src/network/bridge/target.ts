/** Where the published ports of an endpoint lead, and how a user would have asked for them. */

import { prefix } from "../../kernel/netlink/ip.ts";
import type { Endpoint } from "../endpoint.ts";
import type { Target } from "../ports/elements.ts";
import { formatHost, type PublishedPort } from "../ports/port.ts";

export function targetOf({ address, address6 }: Pick<Endpoint, "address" | "address6">): Target {
  return {
    address: prefix(address).address,
    ...(address6 !== undefined && { address6: prefix(address6).address }),
  };
}

/** "--publish 127.0.0.1:8080:80/tcp", the first few of them. */
export function publishFlags(ports: readonly PublishedPort[]): string {
  const flags = ports.slice(0, shown).map(({ hostIp, hostPort, containerPort, protocol }) => {
    const place = hostIp === "" ? "" : `${formatHost(hostIp)}:`;
    return `--publish ${place}${hostPort}:${containerPort}/${protocol}`;
  });
  return ports.length > shown ? `${flags.join(" ")} and ${ports.length - shown} more` : flags.join(" ");
}

const shown = 4;
