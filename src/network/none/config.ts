/** No network but the loopback of a namespace of its own. */

import { BrigError } from "../../base/errors.ts";
import type { NetworkConfig, NetworkRequest } from "../driver.ts";

export interface NoneConfig extends NetworkConfig {
  readonly driver: "none";
}

export function config({ subnet, options = {} }: NetworkRequest): NoneConfig {
  if (subnet !== undefined || Object.keys(options).length > 0) {
    throw new BrigError(
      "invalid",
      "cannot configure the network: network none takes no subnet and no options",
    );
  }
  return { driver: "none", namespace: { kind: "new" } };
}
