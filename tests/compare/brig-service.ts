/** brig's service in an isolation, as one of two sides. */

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { brigEngine } from "../../bench/engines.ts";
import { type Isolation, until } from "../fixtures/peers.ts";

/** Resolves with its socket; it ends with the isolation. */
export async function startService(isolation: Isolation): Promise<string> {
  const socket = join(isolation.folder, "brig.sock");
  const command = [
    ...isolation.prefix,
    ...brigEngine(isolation.folder).command,
    "service",
    "-H",
    `unix://${socket}`,
  ];
  spawn(command[0]!, command.slice(1), { stdio: ["ignore", "inherit", "inherit"] });
  await until("the service did not come up", () => existsSync(socket) || undefined);
  return socket;
}
