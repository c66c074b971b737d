/**
 * Which host port a request gets, and what it must not collide with.
 *
 * Two published ports collide when protocol and port are the same and one's address includes the other's. What
 * other programs of the host listen on is only told for ports that nobody asked for by number: see `reservation.ts`.
 */

import { BrigError } from "../../base/errors.ts";
import { ip, isUnspecified, toInteger } from "../../kernel/netlink/ip.ts";
import type { PortRange, PortRequest } from "./parse.ts";
import { formatHost, type PortProtocol, type PublishedPort } from "./port.ts";

export interface Choice {
  /** Ports that containers have already. */
  readonly taken: readonly PublishedPort[];
  /** Where ports come from that nobody asked for by number. */
  readonly ephemeral: PortRange;
  /** Whether another program of the host has a port: none that nobody asked for by number is chosen then. */
  readonly isBound?: (protocol: PortProtocol, port: number) => boolean;
  /** The port to try first, so that a port is not given out again at once. */
  readonly after?: number;
}

/** Docker's range where /proc/sys/net/ipv4/ip_local_port_range cannot be read. */
export const fallbackRange: PortRange = { first: 49_153, last: 65_535 };

/** "32768\t60999\n" */
export function parsePortRange(sysctl: string): PortRange {
  const [first, last] = sysctl.trim().split(/\s+/).map(Number);
  return first && last && first <= last && last <= 65_535 ? { first, last } : fallbackRange;
}

/** A host port for each request, in order; requests of one call do not collide with each other either. */
export function choosePorts(requests: readonly PortRequest[], choice: Choice): PublishedPort[] {
  const occupied = new Map<string, string[]>();
  const occupy = (port: PublishedPort): void => {
    const key = keyOf(port.protocol, port.hostPort);
    occupied.set(key, [...(occupied.get(key) ?? []), port.hostIp]);
  };
  for (const port of choice.taken) occupy(port);
  let after = choice.after ?? 0;
  // Fixed ports first: a random one must not take what a later request names.
  const order = [...requests.keys()].sort((a, b) => freedom(requests[a]!) - freedom(requests[b]!));
  const chosen = new Map<number, PublishedPort>();
  for (const i of order) {
    const { protocol, hostIp, containerPort, hostPorts } = requests[i]!;
    const range = hostPorts ?? choice.ephemeral;
    const isFree = (port: number): boolean =>
      !(occupied.get(keyOf(protocol, port)) ?? []).some((other) => addressesCollide(other, hostIp));
    const isUnused = (port: number): boolean => isFree(port) && !choice.isBound?.(protocol, port);
    const hostPort = hostPorts ? nextPort(range, 0, isFree) : nextPort(range, after, isUnused);
    if (hostPort === undefined) throw noPort(requests[i]!, range);
    if (!hostPorts) after = hostPort;
    const port = { protocol, hostIp, hostPort, containerPort };
    occupy(port);
    chosen.set(i, port);
  }
  return requests.map((_, i) => chosen.get(i)!);
}

/** The error for a port that somebody else has; also what a failed reservation means. */
export function portTaken({ hostIp, hostPort }: Pick<PublishedPort, "hostIp" | "hostPort">): BrigError {
  return new BrigError(
    "conflict",
    `Bind for ${formatHost(hostIp)}:${hostPort} failed: port is already allocated`,
    {
      code: "port-in-use",
    },
  );
}

const keyOf = (protocol: string, port: number): string => `${protocol}/${port}`;

const freedom = ({ hostPorts }: PortRequest): number =>
  hostPorts ? hostPorts.last - hostPorts.first : 65_536;

function nextPort(
  { first, last }: PortRange,
  after: number,
  isFree: (port: number) => boolean,
): number | undefined {
  const size = last - first + 1;
  const start = after >= first && after < last ? after + 1 - first : 0;
  for (let i = 0; i < size; i++) {
    const port = first + ((start + i) % size);
    if (isFree(port)) return port;
  }
  return undefined;
}

function noPort(request: PortRequest, range: PortRange): BrigError {
  if (range.first === range.last) return portTaken({ hostIp: request.hostIp, hostPort: range.first });
  return new BrigError(
    "exhausted",
    `cannot publish port ${request.containerPort}: all ports from ${range.first} to ${range.last} are allocated`,
    { code: "no-free-port" },
  );
}

/** "" is every address of both families. */
function addressesCollide(a: string, b: string): boolean {
  if (a === "" || b === "") return true;
  const [left, right] = [ip(a), ip(b)];
  if (left.length !== right.length) return false;
  return isUnspecified(left) || isUnspecified(right) || toInteger(left) === toInteger(right);
}
