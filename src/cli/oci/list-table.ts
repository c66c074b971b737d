/** `list` as runc prints it: columns at least twelve wide, three blanks between them. */

import type { ContainerState } from "../../runtime/oci/container-state.ts";

const leastWidth = 12;
const padding = 3;
const header = ["ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"];

export function listTable(states: readonly ContainerState[]): string {
  const rows = [header, ...states.map((s) => [s.id, String(s.pid), s.status, s.bundle, s.created, s.owner])];
  const widths = header.map((_, column) =>
    Math.max(leastWidth, ...rows.map((row) => row[column]!.length + padding)),
  );
  const line = (row: readonly string[]) =>
    row.map((text, i) => (i === row.length - 1 ? text : text.padEnd(widths[i]!))).join("");
  return rows.map((row) => `${line(row)}\n`).join("");
}
