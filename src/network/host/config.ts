/** The host's own network: no namespace, nothing to set up. */

import { BrigError } from "../../base/errors.ts";
import type { NetworkConfig, NetworkRequest } from "../driver.ts";

export interface HostConfig extends NetworkConfig {
  readonly driver: "host";
}

export function config({ subnet, options = {} }: NetworkRequest): HostConfig {
  if (subnet !== undefined || Object.keys(options).length > 0) {
    throw new BrigError(
      "invalid",
      "cannot configure the network: network host takes no subnet and no options",
    );
  }
  return { driver: "host", namespace: { kind: "host" } };
}
