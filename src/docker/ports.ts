/** The ports of a container, exposed and published. */

import { type ExposedPort, parsePublish } from "../network/ports/parse.ts";
import { formatHost, type PublishedPort } from "../network/ports/port.ts";

/** As `inspect` shows them: by port, null for one that is only exposed. */
export function portBindings(
  published: readonly PublishedPort[],
  exposed: readonly string[],
): Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[] | null> {
  const bindings: ReturnType<typeof portBindings> = {};
  for (const name of exposed) bindings[withProtocol(name)] = null;
  for (const port of published) {
    const binding = { HostIp: port.hostIp || "0.0.0.0", HostPort: String(port.hostPort) };
    bindings[portName(port)] = [...(bindings[portName(port)] ?? []), binding];
  }
  return bindings;
}

/** What the user asked for: by port, with an empty host port where the choice is the engine's. */
export function requestedPorts(publish: readonly string[]): ReturnType<typeof portBindings> {
  const requested: ReturnType<typeof portBindings> = {};
  for (const { protocol, hostIp, containerPort, hostPorts } of publish.flatMap(parsePublish)) {
    const { first, last } = hostPorts ?? {};
    const binding = { HostIp: hostIp, HostPort: first === last ? String(first ?? "") : `${first}-${last}` };
    const name = `${containerPort}/${protocol}`;
    requested[name] = [...(requested[name] ?? []), binding];
  }
  return requested;
}

/** A set of ports, as the API writes sets. */
export function exposedPorts(ports: readonly string[]): Record<string, Record<string, never>> {
  return Object.fromEntries(ports.map((port) => [withProtocol(port), {}] as const).sort(byName));
}

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  a < b ? -1 : a > b ? 1 : 0;

/** "80/tcp -> 0.0.0.0:8080", as `port` lists them. */
export function publishedLines(published: readonly PublishedPort[]): readonly string[] {
  return published
    .toSorted((a, b) => a.containerPort - b.containerPort || (a.protocol < b.protocol ? -1 : 1))
    .map((port) => `${portName(port)} -> ${hostAddress(port)}`);
}

/** "0.0.0.0:8080": where one port of the container is reached. */
export function publishedAt(
  published: readonly PublishedPort[],
  { port, protocol }: ExposedPort,
): readonly string[] {
  return published
    .filter((each) => each.containerPort === port && each.protocol === protocol)
    .map((each) => hostAddress(each));
}

function hostAddress({ hostIp, hostPort }: PublishedPort): string {
  return `${formatHost(hostIp)}:${hostPort}`;
}

function portName({ containerPort, protocol }: PublishedPort): string {
  return `${containerPort}/${protocol}`;
}

/** "80" → "80/tcp" */
function withProtocol(port: string): string {
  return port.includes("/") ? port : `${port}/tcp`;
}
