/** The client's door for programs. */

import type { ContainerEngine } from "../engine/container-engine.ts";
import { type ConnectOptions, open } from "./open.ts";

/**
 * An engine that is elsewhere, with the methods of one in this process. Nothing is asked of it yet: that it cannot be
 * reached is told by the first call. To be closed by `using`, or by the end of the program.
 */
export function connect(host: string, options: Omit<ConnectOptions, "host"> = {}): ContainerEngine {
  return open({ ...options, host }).engine;
}
