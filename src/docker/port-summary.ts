/** The ports of a container in one line, as Docker's client writes those of a list. */

import { formatHost } from "../network/ports/port.ts";
import type { PortSummary } from "./documents/documents.ts";

/** "0.0.0.0:8080->80/tcp, 443/tcp": runs of ports that are the same on both sides first, then those that are not. */
export function portsText(ports: readonly PortSummary[]): string {
  const same: Run[] = [];
  const moved: string[] = [];
  for (const port of ports.toSorted(inOrder)) {
    const { IP: ip, PrivatePort: inside, PublicPort: outside, Type: type } = port;
    if (ip !== undefined && outside !== inside) {
      moved.push(`${formatHost(ip)}:${outside}->${inside}/${type}`);
      continue;
    }
    const run = same.findLast((each) => each.ip === ip && each.type === type);
    if (run && inside === run.last + 1) run.last = inside;
    else same.push({ ip, type, first: inside, last: inside });
  }
  return [...same.map(runText), ...moved].join(", ");
}

interface Run {
  readonly ip: string | undefined;
  readonly type: string;
  readonly first: number;
  last: number;
}

function runText({ ip, type, first, last }: Run): string {
  const ports = first === last ? String(first) : `${first}-${last}`;
  return ip === undefined ? `${ports}/${type}` : `${formatHost(ip)}:${ports}->${ports}/${type}`;
}

function inOrder(a: PortSummary, b: PortSummary): number {
  return (
    a.PrivatePort - b.PrivatePort ||
    byText(a.IP ?? "", b.IP ?? "") ||
    (a.PublicPort ?? 0) - (b.PublicPort ?? 0) ||
    byText(a.Type, b.Type)
  );
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
