/**
 * The grammar of `--publish` and `--expose`, Docker's (go-connections nat.ParsePortSpec, docker/cli opts):
 *
 *   [[hostIP:][hostPort[-last]]:]containerPort[-last][/protocol]      hostIP of IPv6 in brackets
 *   published=8080,target=80[,protocol=tcp]
 *
 * Ranges of host and container must be equally long, unless the container has a single port: then any free
 * host port of the range will do.
 */

import { BrigError } from "../../base/errors.ts";
import { parseIp } from "../../kernel/netlink/ip.ts";
import { type PortProtocol, protocolNumbers } from "./port.ts";

/** One container port, and which host ports it may get. */
export interface PortRequest {
  readonly protocol: PortProtocol;
  readonly hostIp: string;
  readonly containerPort: number;
  /** Undefined leaves the choice to the engine. */
  readonly hostPorts: PortRange | undefined;
}

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** Throws `invalid` in Docker's words. */
export function parsePublish(text: string): PortRequest[] {
  const standard = text.includes("=") ? fromNamed(text) : text;
  const { address, host, container: target } = splitParts(standard);
  const { protocol, ports: container } = splitProtocol(target);
  const hostIp = parseHostIp(address);
  if (container === "") throw invalid(`no port specified: ${standard}<empty>`);
  const containerPorts = parseRange(container) ?? fail(`invalid containerPort: ${container}`);
  const hostPorts = Number(host) === 0 ? undefined : (parseRange(host) ?? fail(`invalid hostPort: ${host}`));
  const count = sizeOf(containerPorts);
  if (hostPorts && sizeOf(hostPorts) !== count && count !== 1) {
    throw invalid(`invalid ranges specified for container and host Ports: ${container} and ${host}`);
  }
  const known = parseProtocol(protocol);
  return Array.from({ length: count }, (_, i) => ({
    protocol: known,
    hostIp,
    containerPort: containerPorts.first + i,
    hostPorts: hostPorts && count > 1 ? only(hostPorts.first + i) : hostPorts,
  }));
}

export interface ExposedPort {
  readonly protocol: PortProtocol;
  readonly port: number;
}

/** "80", "8000-8010/udp": ports of a container that `--publish-all` publishes. */
export function parseExpose(text: string): ExposedPort[] {
  if (text.includes(":")) throw invalid(`invalid port format for --expose: ${text}`);
  const { protocol, ports } = splitProtocol(text);
  const range = parseRange(ports);
  if (!range) throw invalid(`invalid range format for --expose: ${text}`);
  const known = parseProtocol(protocol);
  return Array.from({ length: sizeOf(range) }, (_, i) => ({ protocol: known, port: range.first + i }));
}

function fromNamed(text: string): string {
  const given = new Map([["protocol", "tcp"]]);
  for (const part of text.split(",")) {
    const [name, value] = part.split("=");
    if (value === undefined)
      throw invalid(`invalid publish opts format (should be name=value but got '${part}')`);
    given.set(name!, value);
  }
  const named = (name: string): string => given.get(name) ?? "";
  return `${named("published")}:${named("target")}/${named("protocol")}`;
}

/** From the right: an address may hold colons. */
function splitParts(text: string) {
  const parts = text.split(":");
  const container = parts.pop()!;
  const host = parts.pop() ?? "";
  return { address: parts.join(":"), host, container };
}

function splitProtocol(text: string) {
  const [ports = "", protocol = ""] = text.split("/");
  return { ports, protocol: protocol === "" ? "tcp" : protocol };
}

function parseProtocol(text: string): PortProtocol {
  const name = text.toLowerCase();
  return Object.hasOwn(protocolNumbers, name) ? (name as PortProtocol) : fail(`invalid proto: ${text}`);
}

function parseHostIp(text: string): string {
  if (text === "") return "";
  const bare = /^\[(.*)\]$/.exec(text)?.[1];
  if (bare === undefined && text.includes(":")) {
    throw invalid(`invalid IP address ${text}: put IPv6 addresses in brackets, such as [::1]`);
  }
  const address = bare ?? text;
  return parseIp(address) ? address : fail(`invalid IP address: ${address}`);
}

function parseRange(text: string): PortRange | undefined {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  if (!match) return undefined;
  const first = Number(match[1]);
  const last = Number(match[2] ?? first);
  return first <= last && last <= 65_535 && first > 0 ? { first, last } : undefined;
}

const sizeOf = ({ first, last }: PortRange): number => last - first + 1;
const only = (port: number): PortRange => ({ first: port, last: port });
const invalid = (message: string): BrigError => new BrigError("invalid", message);

function fail(message: string): never {
  throw invalid(message);
}
