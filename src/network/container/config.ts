/** The network of another container, whose namespace is joined. */

import { BrigError } from "../../base/errors.ts";
import type { NetworkConfig, NetworkRequest } from "../driver.ts";

export interface ContainerConfig extends NetworkConfig {
  readonly driver: "container";
}

export function config({ container, subnet, options = {} }: NetworkRequest): ContainerConfig {
  if (!container) throw new BrigError("invalid", "invalid container format container:<name|id>");
  if (subnet !== undefined || Object.keys(options).length > 0) {
    throw new BrigError(
      "invalid",
      "cannot configure the network: another container's network takes no options",
    );
  }
  return { driver: "container", namespace: { kind: "container", container } };
}
