/** The columns of `network ls`, by the names that `--format` knows them by. */

import { shortIdLength } from "../../base/ids.ts";
import { columnTime } from "../../docker/timestamp.ts";
import type { NetworkInfo } from "../../engine/networks.ts";
import type { Columns } from "../terminal/format.ts";

export const networkTable = ["ID", "Name", "Driver", "Scope"] as const;

/** `full`: nothing is shortened. */
export function networkColumns(full: boolean): Columns<NetworkInfo> {
  return {
    CreatedAt: { title: "CREATED AT", text: ({ created }) => columnTime(created) },
    Driver: { title: "DRIVER", text: ({ driver }) => driver },
    ID: { title: "NETWORK ID", text: ({ id }) => (full ? id : id.slice(0, shortIdLength)) },
    IPv6: { title: "IPV6", text: ({ config }) => String(config?.ipv6 !== undefined) },
    Internal: { title: "INTERNAL", text: ({ config }) => String(config?.internal ?? false) },
    Labels: { title: "LABELS", text: () => "" },
    Name: { title: "NAME", text: ({ name }) => name },
    Scope: { title: "SCOPE", text: () => "local" },
  };
}
