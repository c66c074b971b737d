/** The bridge driver: containers of one network on a Linux bridge, behind the host's address. */

import type { NetworkDriver } from "../driver.ts";
import { type BridgeConfig, config } from "./config.ts";
import * as setup from "./setup.ts";
import * as teardown from "./teardown.ts";
import { validate } from "./validate.ts";

export const bridge: NetworkDriver<BridgeConfig> = { config, validate, setup, teardown };
