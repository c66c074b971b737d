/** The drivers by name. What `--network` may say beyond the names of networks is parsed here, too. */

import { BrigError } from "../base/errors.ts";
import { bridge } from "./bridge/driver.ts";
import { container } from "./container/driver.ts";
import type { NetworkConfig, NetworkDriver } from "./driver.ts";
import { host } from "./host/driver.ts";
import { none } from "./none/driver.ts";

export const drivers = { bridge, none, host, container } as const;

/** The driver of a stored configuration. Each of them gets back only what it has made. */
export function driverOf(config: NetworkConfig): NetworkDriver {
  return drivers[config.driver] as NetworkDriver;
}

/** The value of `--network`: a mode of its own, or the name of a network. */
export type NetworkMode =
  | { readonly kind: "none" | "host" }
  | { readonly kind: "container"; readonly container: string }
  | { readonly kind: "network"; readonly name: string };

/** "" and "default" are the bridge that every container is in unless told otherwise. */
export function parseMode(text: string): NetworkMode {
  if (text === "none" || text === "host") return { kind: text };
  if (text === "" || text === "default") return { kind: "network", name: "bridge" };
  if (!text.startsWith("container:")) return { kind: "network", name: text };
  const name = text.slice("container:".length);
  if (name === "") throw new BrigError("invalid", "invalid container format container:<name|id>");
  return { kind: "container", container: name };
}
