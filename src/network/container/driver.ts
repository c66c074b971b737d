/** The container driver: the network of another container, whose namespace is joined. */

import type { NetworkDriver } from "../driver.ts";
import { type ContainerConfig, config } from "./config.ts";
import * as setup from "./setup.ts";
import * as teardown from "./teardown.ts";
import { validate } from "./validate.ts";

export const container: NetworkDriver<ContainerConfig> = { config, validate, setup, teardown };
