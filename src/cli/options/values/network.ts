/**
 * `--network`: a name, `host`, `none`, `container:NAME`, or fields: `name=web,alias=db,ip=10.0.0.5`.
 */

import { BrigError } from "../../../base/errors.ts";
import { ipVersion } from "../../../base/ip-version.ts";
import { quote } from "../../../docker/text/quote.ts";
import type { FlagType } from "../../flags/flag.ts";
import { parseCsv } from "../../flags/types/csv.ts";
import { parseInteger } from "../../flags/types/integer.ts";
import { FlagError } from "../../flags/usage-error.ts";
import { parseMac } from "./mac.ts";

export type NetworkSpec =
  | { readonly kind: "host" }
  | { readonly kind: "none" }
  | { readonly kind: "container"; readonly container: string }
  | NetworkAttachment;

export interface NetworkAttachment {
  readonly kind: "network";
  /** `default` for the default bridge. */
  readonly name: string;
  readonly aliases: readonly string[];
  readonly ipv4?: string;
  readonly ipv6?: string;
  readonly mac?: string;
  readonly linkLocal: readonly string[];
  readonly driverOptions: Readonly<Record<string, string>>;
  /** The attachment with the highest priority gives the default route. */
  readonly gatewayPriority?: number;
}

export const networkList: FlagType<readonly NetworkSpec[], readonly NetworkSpec[]> = {
  word: "network",
  initial: [],
  read: (text, before = []) => {
    const all = [...before, parseNetwork(text)];
    if (all.length > 1 && all.some(({ kind }) => kind !== "network")) {
      throw new FlagError(
        "conflicting options: cannot attach both user-defined and non-user-defined network-modes",
        { whole: true },
      );
    }
    const twice = all.find((one, at) => all.findIndex((other) => nameOf(other) === nameOf(one)) !== at);
    if (twice) {
      throw new FlagError(`network ${quote(nameOf(twice))} is specified multiple times`, { whole: true });
    }
    return all;
  },
};

function nameOf(network: NetworkSpec): string {
  return network.kind === "network" ? network.name : network.kind;
}

export function parseNetwork(text: string): NetworkSpec {
  const container = /^container:(.+)$/s.exec(text)?.[1];
  if (container !== undefined) return { kind: "container", container };
  if (text === "host" || text === "none") return { kind: text };
  return readAttachment(/[=,]/.test(text) ? parseCsv(text) : [`name=${text}`]);
}

function readAttachment(fields: readonly string[]): NetworkAttachment {
  let attachment: NetworkAttachment = {
    kind: "network",
    name: "",
    aliases: [],
    linkLocal: [],
    driverOptions: {},
  };
  for (const field of fields) {
    const equals = field.indexOf("=");
    if (equals < 0) throw new Error(`invalid field ${field}`);
    const key = field.slice(0, equals).trim().toLowerCase();
    if (!Object.hasOwn(readers, key)) throw new Error(`invalid field key ${key}`);
    attachment = { ...attachment, ...readers[key]!(field.slice(equals + 1).trim(), attachment) };
  }
  if (attachment.name === "") throw new Error("network name/id is not specified");
  return attachment;
}

type Reader = (value: string, before: NetworkAttachment) => Partial<NetworkAttachment>;

const readers: Readonly<Record<string, Reader>> = {
  name: (name) => ({ name }),
  alias: (value, { aliases }) => ({ aliases: [...aliases, value] }),
  ip: (ipv4) => ({ ipv4: parseIPv4(ipv4) }),
  ip6: (ipv6) => ({ ipv6: parseIPv6(ipv6) }),
  "mac-address": (mac) => ({ mac: parseMac(mac) }),
  "link-local-ip": (value, { linkLocal }) => ({ linkLocal: [...linkLocal, value] }),
  "gw-priority": (value) => ({ gatewayPriority: parseInteger(value, -(2n ** 63n), 2n ** 63n - 1n) }),
  "driver-opt": (value, { driverOptions }) => {
    const equals = value.indexOf("=");
    if (equals < 1) throw new Error(`invalid key value pair format in driver options: ${value}`);
    return { driverOptions: { ...driverOptions, [value.slice(0, equals)]: value.slice(equals + 1) } };
  },
};

function parseIPv4(text: string): string {
  if (ipVersion(text) !== 4) throw new Error(`invalid IPv4 address: ${text}`);
  return text;
}

function parseIPv6(text: string): string {
  if (ipVersion(text) !== 6) throw new Error(`invalid IPv6 address: ${text}`);
  return text;
}

export const ipv4Address: FlagType<string, undefined> = {
  word: "string",
  initial: undefined,
  whole: true,
  read: parseIPv4,
};

export const ipv6Address: FlagType<string, undefined> = {
  word: "string",
  initial: undefined,
  whole: true,
  read: parseIPv6,
};

/** The older flags that say something about the first network. */
export interface FirstNetwork {
  readonly ip: string | undefined;
  readonly ip6: string | undefined;
  readonly macAddress: string | undefined;
  readonly networkAlias: readonly string[];
}

/** All networks of a container: what `--network` said, with `--ip` and its like added to the first. */
export function resolveNetworks(
  networks: readonly NetworkSpec[],
  { ip, ip6, macAddress, networkAlias }: FirstNetwork,
): readonly NetworkSpec[] {
  const conflict = (flag: string, what: string) =>
    new BrigError("invalid", `conflicting options: cannot specify both ${flag} and per-network ${what}`);
  const [first = parseNetwork("default"), ...others] = networks;
  if (first.kind !== "network") {
    if (networkAlias.length > 0) throw new BrigError("invalid", userDefinedOnly);
    return networks;
  }
  if (networkAlias.length > 0 && (first.name === "default" || first.name === "bridge")) {
    throw new BrigError("invalid", userDefinedOnly);
  }
  if (ip && first.ipv4) throw conflict("--ip", "IPv4 address");
  if (ip6 && first.ipv6) throw conflict("--ip6", "IPv6 address");
  if (macAddress && first.mac) throw conflict("--mac-address", "MAC address");
  if (networkAlias.length > 0 && first.aliases.length > 0) throw conflict("--network-alias", "alias");
  const merged: NetworkAttachment = {
    ...first,
    aliases: [...first.aliases, ...networkAlias],
    ...(ip && { ipv4: ip }),
    ...(ip6 && { ipv6: ip6 }),
    ...(macAddress && { mac: macAddress }),
  };
  return [merged, ...others];
}

const userDefinedOnly = "network-scoped aliases are only supported for user-defined networks";
