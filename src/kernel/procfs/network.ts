/** Small facts about the host's network that are files: in procfs and sysfs. */

import { existsSync, readFileSync } from "node:fs";

export function linkExists(name: string): boolean {
  return existsSync(`/sys/class/net/${name}`);
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
