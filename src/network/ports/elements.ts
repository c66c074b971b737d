/**
 * The elements of the table's maps that a published port is.
 *
 * Measured: one port takes the kernel as long as ten (about 50 µs), 1,000 take 1 ms, 10,000 take 9 ms.
 */

import { BrigError } from "../../base/errors.ts";
import { bigU16, u8 } from "../../kernel/netlink/attribute.ts";
import { formatIp, type Ip, ip, isUnspecified } from "../../kernel/netlink/ip.ts";
import type { NetlinkRequest } from "../../kernel/netlink/message.ts";
import { addressSizes, batch, type Family, type Operation } from "../../kernel/nftables/batch.ts";
import { addElements, deleteElements, type Element, join, type Value } from "../../kernel/nftables/set.ts";
import { set } from "../firewall.ts";
import { formatPort, type PortProtocol, type PublishedPort, protocolNumbers } from "./port.ts";

/** Where published ports lead. */
export interface Target {
  readonly address: Ip;
  readonly address6?: Ip;
}

/** Adds the elements; sending it again is no error, EEXIST says that a port leads to another container. */
export function publish(table: string, ports: readonly PublishedPort[], target: Target): NetlinkRequest[] {
  return batches(ports, target, ({ family, setName }, elements) => [
    addElements({ family, table }, setName, elements),
  ]);
}

/**
 * Takes the elements away, each only while it leads to the same target. Adding them first, in the same batch,
 * makes those that are gone already no error, and those that lead elsewhere one (EEXIST): a port that another
 * container got in the meantime stays.
 */
export function unpublish(table: string, ports: readonly PublishedPort[], target: Target): NetlinkRequest[] {
  return batches(ports, target, ({ family, setName }, elements) => [
    addElements({ family, table }, setName, elements),
    deleteElements({ family, table }, setName, elements),
  ]);
}

/** Where the published ports of a container are in the table. */
export function portElements(ports: readonly PublishedPort[], target: Target): readonly PortElement[] {
  return ports.flatMap((port) => placesOf(port, target));
}

/** Takes one element away, while it leads to the same target; one that is gone already is no error. */
export function unpublishElement(table: string, { family, setName, element }: PortElement): NetlinkRequest {
  const reference = { family, table };
  return batch([addElements(reference, setName, [element]), deleteElements(reference, setName, [element])]);
}

/** An element as the kernel lists it; undefined for what brig has not made. */
export function readPortElement(
  { family, setName }: Place,
  { key, data = new Uint8Array() }: { readonly key: Uint8Array; readonly data?: Uint8Array },
): PortElement | undefined {
  const size = addressSizes[family];
  const at = setName === set.portsAt ? size : 0;
  if (key.length !== 8 + at || data.length !== size + 4) return undefined;
  const protocol = protocolNames.find((name) => protocolNumbers[name] === key[0]);
  if (protocol === undefined) return undefined;
  const portAt = (bytes: Uint8Array, offset: number) => bytes[offset]! * 256 + bytes[offset + 1]!;
  const port = {
    protocol,
    hostIp: at === 0 ? "" : formatIp(key.slice(4, 4 + at)),
    hostPort: portAt(key, 4 + at),
    containerPort: portAt(data, size),
  };
  return placed(family, port, at === 0 ? undefined : key.slice(4, 4 + at), data.slice(0, size));
}

/**
 * Elements in one operation: an error comes back with the operation in it, and the reader's buffer is 8 KiB.
 * Operations in one batch: a socket takes 208 KiB at once.
 */
const elementsPerOperation = 100;
const operationsPerBatch = 20;

export interface Place {
  readonly family: Family;
  readonly setName: string;
}

export interface PortElement extends Place {
  readonly element: Element;
}

function batches(
  ports: readonly PublishedPort[],
  target: Target,
  operationsOf: (place: Place, elements: readonly Element[]) => readonly Operation[],
): NetlinkRequest[] {
  const groups = Map.groupBy(
    ports.flatMap((port) => placesOf(port, target)),
    (p) => `${p.family} ${p.setName}`,
  );
  const operations = [...groups.values()].flatMap((group) =>
    chunks(group, elementsPerOperation).flatMap((chunk) =>
      operationsOf(
        chunk[0]!,
        chunk.map(({ element }) => element),
      ),
    ),
  );
  return chunks(operations, operationsPerBatch).map(batch);
}

/** A port on every address is in both families when the container has both. */
function placesOf(port: PublishedPort, target: Target): PortElement[] {
  const { hostIp } = port;
  if (hostIp === "") {
    return [
      placed("ip", port, undefined, target.address),
      ...(target.address6 ? [placed("ip6", port, undefined, target.address6)] : []),
    ];
  }
  const address = ip(hostIp);
  const family = address.length === 4 ? "ip" : "ip6";
  const to = family === "ip" ? target.address : target.address6;
  if (!to) {
    const message = `cannot publish ${formatPort(port)}: the container has no IPv6 address; give its network an IPv6 subnet`;
    throw new BrigError("unsupported", message);
  }
  return [placed(family, port, isUnspecified(address) ? undefined : address, to)];
}

function placed(family: Family, port: PublishedPort, at: Ip | undefined, to: Ip): PortElement {
  const protocol: Value = { bytes: u8(protocolNumbers[port.protocol]), text: port.protocol };
  const host = portValue(port.hostPort);
  const key = join(at ? [protocol, addressValue(at), host] : [protocol, host]);
  const data = join([addressValue(to), portValue(port.containerPort)]);
  return { family, setName: at ? set.portsAt : set.ports, element: { key, data } };
}

const protocolNames = Object.keys(protocolNumbers) as PortProtocol[];
const addressValue = (address: Ip): Value => ({ bytes: address, text: formatIp(address) });
const portValue = (port: number): Value => ({ bytes: bigU16(port), text: String(port) });

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}
