/** What has gone through the interfaces of a process's network namespace, from /proc/PID/net/dev (proc(5)). */

import { readFileSync } from "node:fs";

export interface Traffic {
  readonly rx_bytes: number;
  readonly rx_packets: number;
  readonly rx_errors: number;
  readonly rx_dropped: number;
  readonly tx_bytes: number;
  readonly tx_packets: number;
  readonly tx_errors: number;
  readonly tx_dropped: number;
}

/** By interface, without the loopback; empty where the process has gone. */
export function networkTraffic(pid: number): Readonly<Record<string, Traffic>> {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/net/dev`, "utf8");
  } catch {
    return {};
  }
  const found: Record<string, Traffic> = {};
  for (const line of text.split("\n").slice(2)) {
    const [, name, fields] = /^\s*([^:\s]+):\s*(.*)$/.exec(line) ?? [];
    if (name === undefined || name === "lo") continue;
    const n = fields!.trim().split(/\s+/).map(Number);
    found[name] = {
      rx_bytes: n[0]!,
      rx_packets: n[1]!,
      rx_errors: n[2]!,
      rx_dropped: n[3]!,
      tx_bytes: n[8]!,
      tx_packets: n[9]!,
      tx_errors: n[10]!,
      tx_dropped: n[11]!,
    };
  }
  return found;
}
