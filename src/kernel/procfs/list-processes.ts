/** ps(1) with the user's own options, cut down to some processes: what `ps` and `top` of a container print. */

import { spawnSync } from "node:child_process";
import { BrigError } from "../../base/errors.ts";

/** `options` must make ps print a column PID. */
export function listProcesses(options: readonly string[], pids: readonly number[]): string {
  const { error, status, stdout, stderr } = spawnSync("ps", options, {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error)
    throw new BrigError("unavailable", `cannot run ps: ${error.message}; is it installed?`, { cause: error });
  if (status !== 0) throw new BrigError("invalid", `cannot list processes: ${stderr.trim()}`);
  const [header = "", ...lines] = stdout.split("\n");
  const column = header.trim().split(/\s+/).indexOf("PID");
  if (column < 0)
    throw new BrigError("invalid", "cannot list processes: ps prints no column PID with these options");
  const wanted = new Set(pids.map(String));
  const kept = lines.filter((line) => wanted.has(line.trim().split(/\s+/)[column] ?? ""));
  return [header, ...kept].map((line) => `${line}\n`).join("");
}
