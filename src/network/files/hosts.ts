/** /etc/hosts of a container: Docker's lines, in Docker's order (hosts(5), moby libnetwork/etchosts). */

export interface HostsFile {
  /** The container's own addresses, one for each network it is in; a container without network has none. */
  readonly addresses: readonly string[];
  readonly hostname: string;
  readonly domain?: string;
  readonly ipv6: boolean;
  /** `--add-host`, in the order given. */
  readonly extra: readonly HostEntry[];
}

export interface HostEntry {
  readonly address: string;
  readonly name: string;
}

export function hostsFile({ addresses, hostname, domain, ipv6, extra }: HostsFile): string {
  const own = ownNames(hostname, domain);
  const entries: readonly HostEntry[] = [
    { address: "127.0.0.1", name: "localhost" },
    ...(ipv6 ? ipv6Entries : []),
    ...extra,
    ...addresses.map((address) => ({ address, name: own })),
  ];
  return entries.map(({ address, name }) => `${address}\t${name}\n`).join("");
}

/** Address of the host for `--add-host NAME:host-gateway`. */
export const hostGateway = "host-gateway";

const ipv6Entries: readonly HostEntry[] = [
  { address: "::1", name: "localhost ip6-localhost ip6-loopback" },
  { address: "fe00::", name: "ip6-localnet" },
  { address: "ff00::", name: "ip6-mcastprefix" },
  { address: "ff02::1", name: "ip6-allnodes" },
  { address: "ff02::2", name: "ip6-allrouters" },
];

/** "web.example.com web": the full name first, as hostname(1) -f expects. */
function ownNames(hostname: string, domain: string | undefined): string {
  const full = domain ? `${hostname}.${domain}` : hostname;
  const short = full.split(".")[0]!;
  return short === full ? full : `${full} ${short}`;
}
