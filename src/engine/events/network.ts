/** Which containers came into networks and left them. */

import { networkId } from "../network/network-id.ts";
import type { Roots } from "../roots.ts";
import { type EventHost, writeEvent } from "./write.ts";

const drivers = { bridge: "bridge", host: "host", none: "null" } as const;

/** In the transaction that makes it true. */
export function recordConnection(
  host: EventHost & { readonly roots: Roots },
  action: "connect" | "disconnect",
  container: string,
  network: keyof typeof drivers,
): void {
  const attributes = { container, name: network, type: drivers[network] };
  writeEvent(host, { type: "network", action, subject: networkId(host.roots, network), attributes });
}
