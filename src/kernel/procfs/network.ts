/** Small facts about the host's network that are files of procfs. */

import { existsSync, readFileSync } from "node:fs";

/** In the network namespace of this process; a sysfs shows that of whoever mounted it, which may be another one. */
export function linkExists(name: string): boolean {
  return existsSync(`/proc/sys/net/ipv4/conf/${name}`);
}

/** "32768\t60999\n": ports that nobody asked for by number (ip(7)). */
export function readEphemeralPorts(): string {
  return readFact("/proc/sys/net/ipv4/ip_local_port_range");
}

/** Frames on bridges pass the host's IP tables: br_netfilter is loaded and told so. */
export function readsBridgedFrames(): boolean {
  return readFact("/proc/sys/net/bridge/bridge-nf-call-iptables").trim() === "1";
}

/** A file of procfs; "" where this kernel does not have it. */
export function readFact(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
