/**
 * The memory that stays while a container runs: its helper process, with a terminal and an attached client, and the
 * engine's daemons. PSS, the share of each page that a process accounts for (proc_pid_smaps_rollup).
 */

import { spawn, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { type Engine, run, type Side } from "./engines.ts";

export interface Memory {
  readonly side: Side;
  /** KiB per container; undefined when the container did not start. */
  readonly helper: number | undefined;
  /** KiB of all daemons together. */
  readonly daemons: number;
}

/** The promise for our shim, in KiB. */
export const helperTarget = 1024;

/** Runs a container on a terminal with its client attached, and reads the engine's processes meanwhile. */
export async function measureMemory(engine: Engine): Promise<Memory> {
  const before = new Set(processesNamed(engine.helper));
  const words = run(engine, "bridge", "-it", "--name", "bench-memory", "busybox", "sleep", "100000");
  // script(1) gives the client a terminal. The words hold no quotes.
  const client = spawn("script", ["--quiet", "--flush", "--command", words.join(" "), "/dev/null"], {
    stdio: ["pipe", "ignore", "ignore"],
  });
  const helpersNow = () => processesNamed(engine.helper).filter((pid) => !before.has(pid));
  const deadline = performance.now() + 15_000;
  while (helpersNow().length === 0 && performance.now() < deadline) await sleep(100);
  await sleep(1500); // what was there only for the start has gone by now
  const helpers = helpersNow();
  const memory: Memory = {
    side: engine.side,
    helper: helpers.length === 0 ? undefined : sum(helpers.map(pss)),
    daemons: pssNamed(engine.daemons),
  };
  const [program, ...args] = [...engine.command, "rm", "--force", "bench-memory"];
  spawnSync(program!, args, { stdio: "ignore" });
  client.kill();
  return memory;
}

/** Processes by the name the kernel keeps, which is 15 bytes at most. */
function processesNamed(name: string): readonly number[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => text(`/proc/${pid}/comm`).trim() === name);
}

export function pssNamed(names: readonly string[]): number {
  return sum(names.flatMap(processesNamed).map(pss));
}

export function pss(pid: number): number {
  return Number(/^Pss:\s+(\d+) kB/m.exec(text(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);
}

/** Empty when the process has just ended. */
function text(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
