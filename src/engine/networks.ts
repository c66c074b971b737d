/** The networks that containers can be in, and which are. */

import { statSync } from "node:fs";
import { BrigError } from "../base/errors.ts";
import type { BridgeConfig } from "../network/bridge/config.ts";
import type { Endpoint } from "../network/endpoint.ts";
import { isLive, listContainers } from "./container/records.ts";
import type { EngineHost } from "./host.ts";
import { networkId } from "./network/network-id.ts";
import { storedConfig } from "./network/stored-network.ts";
import { hostNames, paths } from "./roots.ts";

/** A network, and who is in it. */
export interface NetworkInfo {
  readonly name: string;
  /** 64 hexadecimal digits, the same ones every time. */
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly created: number;
  readonly driver: "bridge" | "host" | "null";
  /** What a container of this network gets its interface from; absent until the first one is started. */
  readonly config?: BridgeConfig;
  /** Name of the bridge on the host. */
  readonly link?: string;
  /** Those that run. */
  readonly containers: readonly {
    readonly id: string;
    readonly name: string;
    readonly endpoint?: Endpoint;
  }[];
}

const drivers = { bridge: "bridge", host: "host", none: "null" } as const;
type Name = keyof typeof drivers;
const names = Object.keys(drivers) as Name[];

export function listNetworks(host: EngineHost): readonly NetworkInfo[] {
  return names.map((name) => infoOf(host, name));
}

/** By name, by id, by the beginning of an id. Throws `not-found`. */
export function findNetwork(host: EngineHost, reference: string): NetworkInfo {
  const all = listNetworks(host);
  const byName = all.find(({ name, id }) => name === reference || id === reference);
  const byId = reference === "" ? [] : all.filter(({ id }) => id.startsWith(reference));
  const found = byName ?? (byId.length === 1 ? byId[0] : undefined);
  if (found) return found;
  if (byId.length > 1)
    throw new BrigError("invalid", `network ${reference} is ambiguous (${byId.length} matches found)`);
  throw new BrigError("not-found", `No such network: ${reference}`, { code: "no-such-network" });
}

function infoOf(host: EngineHost, name: Name): NetworkInfo {
  const { roots, database } = host;
  const config = name === "bridge" ? storedConfig(database) : undefined;
  const id = networkId(roots, name);
  return {
    name,
    id,
    created: statSync(paths.database(roots)).birthtimeMs,
    driver: drivers[name],
    ...(config ? { config } : {}),
    ...(name === "bridge" ? { link: hostNames.bridge(roots) } : {}),
    containers: listContainers(database)
      .filter((record) => isLive(record) && (record.spec.network?.mode ?? "bridge") === name)
      .map(({ id, name, endpoint }) => ({ id, name, ...(endpoint ? { endpoint } : {}) })),
  };
}
