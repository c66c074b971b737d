/** The process of a config that is to be started, which need not have one to be created. */

import { BrigError } from "../../base/errors.ts";
import type { RuntimeConfig } from "./config.ts";
import type { Process } from "./process.ts";

/** The process to start. A container may be created without one, but not started (runtime.md#start). */
export function processToStart(config: RuntimeConfig, name = "config.json"): Process {
  if (config.process) return config.process;
  throw new BrigError("invalid", `${name}: process: is required to start (runtime.md#start)`);
}
