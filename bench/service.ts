/** brig's service for the cases of the API, and what an idle one costs. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { until } from "../tests/fixtures/peers.ts";
import type { Engine } from "./engines.ts";
import { pss, pssNamed } from "./memory.ts";
import type { Verdict } from "./report.ts";

export interface BenchService {
  readonly socket: string;
  readonly process: ChildProcess;
}

export async function startService(brig: Engine, folder: string, name: string): Promise<BenchService> {
  const socket = join(folder, `${name}.sock`);
  const [program, ...args] = [...brig.command, "service", "-H", `unix://${socket}`];
  const service = spawn(program!, args, { stdio: ["ignore", "inherit", "inherit"] });
  await until("the service did not come up", () => existsSync(socket) || undefined);
  return { socket, process: service };
}

/** KiB of brig's, and of Docker's with its containerd. */
export interface IdleMemory {
  readonly brig: number;
  readonly docker: number;
}

/** What is there only for the start has gone after so many milliseconds. */
const settling = 3000;

/** A service that nobody has asked anything. */
export async function measureIdle(brig: Engine, docker: Engine, folder: string): Promise<IdleMemory> {
  const { process: service } = await startService(brig, folder, "idle");
  await sleep(settling);
  const idle = { brig: pss(service.pid!), docker: pssNamed(docker.daemons) };
  service.kill();
  await once(service, "exit");
  return idle;
}

/** The promise, in KiB: 80 MB. */
const idleTarget = Math.floor(80_000_000 / 1024);

export function idleLine({ brig, docker }: IdleMemory): string {
  return `memory (PSS) of an idle service: brig ${mebibytes(brig)}, docker ${mebibytes(docker)}`;
}

export function idleVerdict({ brig }: IdleMemory): Verdict {
  return { text: `brig at most ${mebibytes(idleTarget)}: ${mebibytes(brig)}`, met: brig <= idleTarget };
}

function mebibytes(kibibytes: number): string {
  return `${(kibibytes / 1024).toFixed(1)} MiB`;
}
