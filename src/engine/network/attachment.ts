/** A container's place in the network, decided and stored before anything of it exists. */

import { BrigError } from "../../base/errors.ts";
import type { ContainerId } from "../../base/ids.ts";
import { formatIp, parseIp, parsePrefix } from "../../kernel/netlink/ip.ts";
import { boundPorts, readEphemeralPorts } from "../../kernel/procfs/network.ts";
import type { BridgeConfig } from "../../network/bridge/config.ts";
import { addressOf, type Endpoint, newEndpoint } from "../../network/endpoint.ts";
import { nextAddress, type Pool, requestedAddress } from "../../network/lease.ts";
import { choosePorts, parsePortRange } from "../../network/ports/choose.ts";
import { type PortRequest, parseExpose, parsePublish } from "../../network/ports/parse.ts";
import type { PortProtocol, PublishedPort } from "../../network/ports/port.ts";
import type { ImageConfig } from "../../spec/image/config.ts";
import type { ContainerRecord } from "../container/records.ts";
import type { NetworkSpec } from "../container/spec.ts";
import type { Database } from "../store/database.ts";

export interface AttachmentHost {
  readonly database: Database;
  readonly random: (size: number) => Uint8Array;
}

/** Ports that the user publishes, and with `-P` those that the image exposes. */
export function portRequests(spec: NetworkSpec, image: ImageConfig): readonly PortRequest[] {
  const published = (spec.publish ?? []).flatMap(parsePublish);
  if (!spec.publishAll) return published;
  const exposed = [...(spec.expose ?? []), ...Object.keys(image.config?.ExposedPorts ?? {})].flatMap(
    parseExpose,
  );
  const there = new Set(published.map((p) => `${p.containerPort}/${p.protocol}`));
  const more = exposed
    .filter(({ port, protocol }) => !there.has(`${port}/${protocol}`))
    .map(({ port, protocol }) => ({ protocol, hostIp: "", containerPort: port, hostPorts: undefined }));
  return [...published, ...more];
}

/** Inside the caller's transaction: leases an address and the ports for the container. */
export function lease(
  host: AttachmentHost,
  id: ContainerId,
  config: BridgeConfig,
  spec: NetworkSpec,
  requests: readonly PortRequest[],
): Endpoint {
  const { database, random } = host;
  const network = "bridge";
  const subnet = parsePrefix(config.ipv4.subnet)!;
  const range = config.ipv4.range === undefined ? undefined : parsePrefix(config.ipv4.range);
  const pool: Pool = { subnet, gateway: parseIp(config.ipv4.gateway)!, ...(range ? { range } : {}) };
  const leased = (address: string) =>
    database.get("SELECT 1 FROM lease WHERE network = ? AND address = ?", network, address) !== undefined;
  const last = database.get("SELECT last_address FROM network WHERE name = ?", network)?.last_address;
  const wanted = spec.address === undefined ? undefined : parseIp(spec.address);
  if (spec.address !== undefined && !wanted)
    throw new BrigError("invalid", `invalid IP address: ${spec.address}`);
  const address = wanted
    ? requestedAddress(pool, wanted, leased)
    : nextAddress(pool, leased, typeof last === "string" ? parseIp(last) : undefined);
  database.run(
    "INSERT INTO lease (network, address, container) VALUES (?, ?, ?)",
    network,
    formatIp(address),
    id,
  );
  if (!wanted) database.run("UPDATE network SET last_address = ? WHERE name = ?", formatIp(address), network);
  const ports = requests.length === 0 ? [] : leasePorts(host, id, requests);
  return newEndpoint(
    {
      address,
      subnet,
      position: 0,
      defaultRoute: true,
      ports,
      ...(spec.macAddress === undefined ? {} : { mac: spec.macAddress }),
    },
    random,
  );
}

/** What `lease` took, for others to have; the rows of a removed container go by themselves. */
export function release(database: Database, id: ContainerId): void {
  database.run("UPDATE container SET endpoint = NULL WHERE id = ?", id);
  database.run("DELETE FROM lease WHERE container = ?", id);
  database.run("DELETE FROM port WHERE container = ?", id);
}

/** A row that keeps an address, or a port of the host, for a container. */
export interface Holding {
  readonly table: "lease" | "port";
  readonly columns: readonly string[];
  /** Values of the columns. */
  readonly key: readonly string[];
  readonly container: string;
}

const holdingColumns = { lease: ["network", "address"], port: ["protocol", "address", "port"] } as const;

/** Those that its endpoint needs. */
export function holdingsOf({ id, endpoint }: Pick<ContainerRecord, "id" | "endpoint">): readonly Holding[] {
  if (!endpoint) return [];
  const holding = (table: Holding["table"], ...key: readonly string[]): Holding => ({
    table,
    columns: holdingColumns[table],
    key,
    container: id,
  });
  return [
    holding("lease", "bridge", addressOf(endpoint)),
    ...endpoint.ports.map((port) => holding("port", port.protocol, port.hostIp, String(port.hostPort))),
  ];
}

/** Those that there are. */
export function storedHoldings(database: Database): readonly Holding[] {
  return (["lease", "port"] as const).flatMap((table) => {
    const columns = holdingColumns[table];
    return database.all(`SELECT * FROM ${table}`).map((row) => ({
      table,
      columns,
      key: columns.map((column) => String(row[column])),
      container: String(row.container),
    }));
  });
}

function leasePorts(
  { database, random }: AttachmentHost,
  id: ContainerId,
  requests: readonly PortRequest[],
): PublishedPort[] {
  const taken = database.all("SELECT protocol, address, port FROM port").map((row) => ({
    protocol: String(row.protocol) as PortProtocol,
    hostIp: String(row.address),
    hostPort: Number(row.port),
    containerPort: 0,
  }));
  const ephemeral = parsePortRange(readEphemeralPorts());
  const bound = requests.some(({ hostPorts }) => hostPorts === undefined) ? boundPorts() : undefined;
  const isBound = (protocol: PortProtocol, port: number) => bound?.has(`${protocol}/${port}`) ?? false;
  // What another root has reserved is bound, does not listen, and is in no list of the kernel's: begin anywhere.
  const after =
    ephemeral.first + (Buffer.from(random(4)).readUInt32LE() % (ephemeral.last - ephemeral.first));
  const ports = choosePorts(requests, { taken, ephemeral, isBound, after });
  for (const { protocol, hostIp, hostPort } of ports)
    database.run(
      "INSERT INTO port (protocol, address, port, container) VALUES (?, ?, ?, ?)",
      protocol,
      hostIp,
      hostPort,
      id,
    );
  return ports;
}
