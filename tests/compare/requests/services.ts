/** brig's service and Debian's dockerd in one isolation, each with the image busybox. */

import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { brigEngine } from "../../../bench/engines.ts";
import { busyboxArchive } from "../../fixtures/images.ts";
import { type Isolation, startDocker, until } from "../../fixtures/peers.ts";
import { type Sockets, sides } from "./play.ts";
import { ask } from "./wire.ts";

export async function startServices(isolation: Isolation): Promise<Sockets> {
  const docker = await startDocker(isolation);
  const brig = join(isolation.folder, "brig.sock");
  const [program, ...args] = [
    ...isolation.prefix,
    ...brigEngine(isolation.folder).command,
    "service",
    "-H",
    `unix://${brig}`,
  ];
  spawn(program!, args, { stdio: ["ignore", "inherit", "inherit"] });
  await until("the service did not come up", () => existsSync(brig) || undefined);
  const sockets = { brig, docker: docker.command.at(-1)!.replace("unix://", "") };
  const load = {
    ask: "POST /images/load",
    body: readFileSync(busyboxArchive()),
    headers: { "Content-Type": "application/x-tar" },
  };
  for (const side of sides) await ask(sockets[side], load, new Map()).answer;
  return sockets;
}
