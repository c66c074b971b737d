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

/** "tcp/32768": ports of sockets of this network namespace that listen or are connected (proc(5), /proc/net/tcp). */
export function boundPorts(): ReadonlySet<string> {
  const bound = new Set<string>();
  for (const protocol of ["tcp", "udp"])
    for (const family of ["", "6"])
      for (const line of readFact(`/proc/self/net/${protocol}${family}`).split("\n").slice(1)) {
        const [, port] = /^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) /.exec(line) ?? [];
        if (port !== undefined) bound.add(`${protocol}/${Number.parseInt(port, 16)}`);
      }
  return bound;
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
