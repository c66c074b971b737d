/** The options of a bridge network, checked and filled up, as the engine stores them. */

import { BrigError } from "../../base/errors.ts";
import {
  contains,
  formatIp,
  formatPrefix,
  type Ip,
  networkOf,
  type Prefix,
  parseIp,
  parsePrefix,
} from "../../kernel/netlink/ip.ts";
import { isLinkName } from "../../kernel/netlink/link.ts";
import type { NetworkConfig, NetworkRequest } from "../driver.ts";
import { defaultGateway } from "../lease.ts";

export interface BridgeConfig extends NetworkConfig {
  readonly driver: "bridge";
  readonly link: { readonly name: string; readonly index: number };
  readonly table: string;
  readonly ipv4: Subnet;
  readonly ipv6?: Subnet;
  /** No way out of the host, and none in. */
  readonly internal: boolean;
  /** Containers reach the world with the host's address. */
  readonly masquerade: boolean;
  /** Containers of this network reach each other. */
  readonly communication: boolean;
  /** Where ports are published that name no address. */
  readonly hostIp: string;
  readonly mtu: number;
}

export interface Subnet {
  readonly subnet: string;
  readonly gateway: string;
  readonly range?: string;
}

export function config(request: NetworkRequest): BridgeConfig {
  const { link, table, subnet, gateway, range, subnet6, gateway6, internal = false } = request;
  if (!link || table === undefined || subnet === undefined) {
    throw new BrigError(
      "internal",
      "cannot configure a bridge network: link, table and subnet must be given",
    );
  }
  const options = readOptions(request.options ?? {});
  const name = options.name ?? link.name;
  if (!isLinkName(name))
    throw invalid(`'${name}' is no interface name; use at most 15 characters without / and :`);
  return {
    driver: "bridge",
    namespace: { kind: "new" },
    link: { name, index: link.index },
    table,
    ipv4: subnetOf(subnet, gateway, range, 4),
    ...(subnet6 !== undefined && { ipv6: subnetOf(subnet6, gateway6, undefined, 16) }),
    internal,
    masquerade: options.masquerade ?? true,
    communication: options.communication ?? true,
    hostIp: options.hostIp ?? "",
    mtu: options.mtu ?? 1500,
  };
}

interface Options {
  readonly name?: string;
  readonly masquerade?: boolean;
  readonly communication?: boolean;
  readonly hostIp?: string;
  readonly mtu?: number;
}

/** Docker's names of the options. */
const readers: Readonly<Record<string, (value: string) => Options>> = {
  "com.docker.network.bridge.name": (name) => ({ name }),
  "com.docker.network.bridge.enable_ip_masquerade": (value) => ({ masquerade: boolean(value) }),
  "com.docker.network.bridge.enable_icc": (value) => ({ communication: boolean(value) }),
  "com.docker.network.bridge.host_binding_ipv4": (value) => ({ hostIp: address(value, 4) }),
  "com.docker.network.driver.mtu": (value) => ({ mtu: mtu(value) }),
};

function readOptions(given: Readonly<Record<string, string>>): Options {
  const read = Object.entries(given).map(([name, value]) => {
    const reader = Object.hasOwn(readers, name) ? readers[name] : undefined;
    return reader?.(value) ?? fail(`unknown option '${name}'; known are ${Object.keys(readers).join(", ")}`);
  });
  return Object.assign({}, ...read);
}

function subnetOf(
  text: string,
  gateway: string | undefined,
  range: string | undefined,
  size: 4 | 16,
): Subnet {
  const subnet = networkOf(prefixOf(text, size));
  const hostBits = size * 8 - subnet.length;
  if (hostBits < 1) throw invalid(`subnet ${text} has no room for a gateway and a container`);
  const own: Ip =
    gateway === undefined
      ? defaultGateway(subnet)
      : (parseIp(gateway) ?? fail(`invalid gateway '${gateway}'`));
  if (!contains(subnet, own)) throw invalid(`gateway ${gateway} is not in subnet ${text}`);
  const part = range === undefined ? undefined : networkOf(prefixOf(range, size));
  if (part && (part.length < subnet.length || !contains(subnet, part.address))) {
    throw invalid(`ip range ${range} is not in subnet ${text}`);
  }
  return {
    subnet: formatPrefix(subnet),
    gateway: formatIp(own),
    ...(part && { range: formatPrefix(part) }),
  };
}

function prefixOf(text: string, size: 4 | 16): Prefix {
  const parsed = parsePrefix(text);
  if (parsed?.address.length !== size) {
    throw invalid(`'${text}' is no IPv${size === 4 ? 4 : 6} subnet; write it as ADDRESS/LENGTH`);
  }
  return parsed;
}

function boolean(value: string): boolean {
  if (/^(?:1|t|true)$/i.test(value)) return true;
  return /^(?:0|f|false)$/i.test(value) ? false : fail(`'${value}' is neither true nor false`);
}

function address(value: string, size: number): string {
  return parseIp(value)?.length === size ? value : fail(`'${value}' is no IPv4 address`);
}

/** 68 is the least that IPv4 allows (RFC 791), 65535 the most that a bridge does. */
function mtu(value: string): number {
  const number = /^\d+$/.test(value) ? Number(value) : 0;
  return number >= 68 && number <= 65_535 ? number : fail(`'${value}' is no MTU; use 68 to 65535`);
}

const invalid = (reason: string): BrigError =>
  new BrigError("invalid", `cannot configure the network: ${reason}`);

function fail(reason: string): never {
  throw invalid(reason);
}
