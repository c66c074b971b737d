/** The host driver: the host's own network: no namespace, nothing to set up. */

import type { NetworkDriver } from "../driver.ts";
import { config, type HostConfig } from "./config.ts";
import * as setup from "./setup.ts";
import * as teardown from "./teardown.ts";
import { validate } from "./validate.ts";

export const host: NetworkDriver<HostConfig> = { config, validate, setup, teardown };
