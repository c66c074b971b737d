/** What of the machine is in use: its CPUs and its memory nodes (Documentation/ABI/stable/sysfs-devices-node). */

import { readFileSync } from "node:fs";

/** As the kernel lists them: `0-3,8`. Undefined where it does not say: a kernel without memory nodes has one. */
export function onlineList(what: "cpu" | "node", sysfs = "/sys"): string | undefined {
  try {
    return readFileSync(`${sysfs}/devices/system/${what}/online`, "latin1").trim();
  } catch {
    return undefined;
  }
}

/** The numbers of a list in the kernel's format (cpuset(7), "list format"); undefined for what is none. */
export function parseList(text: string): ReadonlySet<number> | undefined {
  const numbers = new Set<number>();
  for (const part of text.split(",")) {
    const [, first, last = first] = /^\s*(\d{1,5})(?:-(\d{1,5}))?\s*$/.exec(part) ?? [];
    if (first === undefined || Number(last) < Number(first)) return undefined;
    for (let number = Number(first); number <= Number(last); number++) numbers.add(number);
  }
  return numbers;
}
