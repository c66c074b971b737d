/**
 * /etc/resolv.conf of a container, from the host's (resolv.conf(5); moby libnetwork/resolvconf).
 *
 * A name server on the host's loopback cannot be reached from a container and is left out. Where none remains,
 * public ones are used, as Docker does; a container that shares the host's network keeps the host's file.
 */

import { isLoopback, parseIp } from "../../kernel/netlink/ip.ts";

export interface ResolverFile {
  /** The host's file, or systemd-resolved's: see `resolverPath`. */
  readonly host: string;
  readonly ipv6: boolean;
  /** `--dns`; when given the host's servers do not count. */
  readonly servers?: readonly string[];
  /** `--dns-search`; a single "." means none. */
  readonly search?: readonly string[];
  /** `--dns-option` */
  readonly options?: readonly string[];
}

export function resolverFile(file: ResolverFile): string {
  const host = parseResolver(file.host);
  const servers = given(file.servers) ?? usable(host.servers, file.ipv6);
  const search = (given(file.search) ?? host.search).filter((domain) => domain !== ".");
  const options = given(file.options) ?? host.options;
  return [
    ...servers.map((server) => `nameserver ${server}\n`),
    ...(search.length > 0 ? [`search ${search.join(" ")}\n`] : []),
    ...(options.length > 0 ? [`options ${options.join(" ")}\n`] : []),
  ].join("");
}

/**
 * The file to read for the servers that the host really asks: with systemd-resolved /etc/resolv.conf names only
 * the stub on 127.0.0.53, and the servers behind it stand in a file of their own.
 */
export function resolverPath(etcResolvConf: string): string {
  const { servers } = parseResolver(etcResolvConf);
  return servers.length === 1 && servers[0] === "127.0.0.53"
    ? "/run/systemd/resolve/resolv.conf"
    : "/etc/resolv.conf";
}

export interface Resolver {
  readonly servers: readonly string[];
  readonly search: readonly string[];
  readonly options: readonly string[];
}

/** Of `search` and `domain` the last one counts, of `options` all. */
export function parseResolver(text: string): Resolver {
  const lines = text
    .split("\n")
    .map((line) => wordsOf(line))
    .map(([key, ...values]) => ({ key, values }));
  const valuesOf = (key: string): readonly string[] =>
    lines.filter((line) => line.key === key).flatMap(({ values }) => values);
  return {
    servers: lines.filter(({ key }) => key === "nameserver").flatMap(({ values }) => values.slice(0, 1)),
    search: lines.findLast(({ key }) => key === "search" || key === "domain")?.values ?? [],
    options: valuesOf("options"),
  };
}

/** Blanks part them, and a comment ends them. Without regular expressions, as a start reads this with cold code. */
function wordsOf(line: string): readonly string[] {
  const [text = ""] = line.replaceAll(";", "#").split("#", 1);
  return text
    .replaceAll("\t", " ")
    .split(" ")
    .map((word) => word.trim())
    .filter((word) => word !== "");
}

const publicServers = {
  ipv4: ["8.8.8.8", "8.8.4.4"],
  ipv6: ["2001:4860:4860::8888", "2001:4860:4860::8844"],
} as const;

function usable(servers: readonly string[], ipv6: boolean): readonly string[] {
  const kept = servers.filter((server) => {
    const address = parseIp(server.split("%")[0]!);
    return address !== undefined && !isLoopback(address) && (address.length === 4 || ipv6);
  });
  if (kept.length > 0) return kept;
  return ipv6 ? [...publicServers.ipv4, ...publicServers.ipv6] : publicServers.ipv4;
}

const given = (values: readonly string[] | undefined): readonly string[] | undefined =>
  values && values.length > 0 ? values : undefined;
