/** A host whose process 1 is systemd (`make test-vm INIT=systemd`), asked by its own command. */

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** For `{ skip }` of a test. */
export const withoutSystemd: string | false =
  !existsSync("/run/systemd/system") &&
  "systemd is not process 1 here; `make test-vm INIT=systemd` has a machine where it is";

export const unified: boolean = existsSync("/sys/fs/cgroup/cgroup.controllers");

export function systemctl(...args: readonly string[]): string {
  return execFileSync("systemctl", args, { encoding: "utf8" }).trim();
}

/** Properties of a unit, as `systemctl show` has them. */
export function properties(unit: string, ...names: readonly string[]): Readonly<Record<string, string>> {
  const lines = systemctl("show", "-p", names.join(","), unit).split("\n");
  return Object.fromEntries(lines.filter(Boolean).map((line) => line.split(/=(.*)/s).slice(0, 2)));
}

/** The cgroup of a process where systemd keeps its own: the v2 tree, or the hierarchy of that name. */
export function cgroupOf(pid: number | string): string {
  const lines = readFileSync(`/proc/${pid}/cgroup`, "utf8").split("\n");
  const line =
    lines.find((text) => text.startsWith("0::/") && unified) ??
    lines.find((text) => text.includes(":name=systemd:"));
  return line!.split(":")[2]!;
}

/** Folders of this name anywhere in the hierarchies. */
export function cgroupsNamed(name: RegExp, folder = "/sys/fs/cgroup"): readonly string[] {
  let entries: readonly string[];
  try {
    entries = readdirSync(folder);
  } catch {
    return []; // gone meanwhile
  }
  return entries.flatMap((entry) => {
    const path = join(folder, entry);
    if (!lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) return [];
    return [...(name.test(entry) ? [path] : []), ...cgroupsNamed(name, path)];
  });
}

/** Units that systemd still has. */
export function unitsLike(pattern: string): string {
  return spawnSync("systemctl", ["list-units", "--all", "--plain", "--no-legend", pattern], {
    encoding: "utf8",
  }).stdout.trim();
}
