/** The columns of `network ls`, by the names that `--format` knows them by. */

import { shortIdLength } from "../../base/ids.ts";
import type { NetworkDocument } from "../../docker/documents/documents.ts";
import { columnTime } from "../../docker/timestamp.ts";
import type { Columns } from "../terminal/format.ts";
import { labelsText } from "./container-columns.ts";

export const networkTable = ["ID", "Name", "Driver", "Scope"] as const;

/** `full`: nothing is shortened. */
export function networkColumns(full: boolean): Columns<NetworkDocument> {
  return {
    CreatedAt: { title: "CREATED AT", text: ({ Created }) => columnTime(Date.parse(Created)) },
    Driver: { title: "DRIVER", text: ({ Driver }) => Driver },
    ID: { title: "NETWORK ID", text: ({ Id }) => (full ? Id : Id.slice(0, shortIdLength)) },
    IPv6: { title: "IPV6", text: ({ EnableIPv6 }) => String(EnableIPv6) },
    Internal: { title: "INTERNAL", text: ({ Internal }) => String(Internal) },
    Labels: { title: "LABELS", text: ({ Labels }) => labelsText(Labels) },
    Name: { title: "NAME", text: ({ Name }) => Name },
    Scope: { title: "SCOPE", text: ({ Scope }) => Scope },
  };
}
