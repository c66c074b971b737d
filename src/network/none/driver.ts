/** The none driver: no network but the loopback of a namespace of its own. */

import type { NetworkDriver } from "../driver.ts";
import { config, type NoneConfig } from "./config.ts";
import * as setup from "./setup.ts";
import * as teardown from "./teardown.ts";
import { validate } from "./validate.ts";

export const none: NetworkDriver<NoneConfig> = { config, validate, setup, teardown };
