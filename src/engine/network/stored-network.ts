/**
 * The bridge that every container is in unless told otherwise. Its configuration is a row, made once; the host's
 * side of it is made again after each boot, and whenever somebody has taken it away (default-network.ts).
 */

import { linkExists } from "../../kernel/procfs/network.ts";
import type { BridgeConfig } from "../../network/bridge/config.ts";
import type { Database } from "../store/database.ts";

/** Of its row. */
export const name = "bridge";

/** The configuration, when the host's side of it is there; a cheap look on the way of every `run`. */
export function readyNetwork(host: {
  readonly database: Database;
  readonly boot: string;
}): BridgeConfig | undefined {
  const row = host.database.get("SELECT config, boot FROM network WHERE name = ?", name);
  if (row?.boot !== host.boot) return undefined;
  const config = JSON.parse(String(row.config)) as BridgeConfig;
  return linkExists(config.link.name) ? config : undefined;
}

/** Nobody has taken the host's side of it away since it was ready; for a transaction that counts on it. */
export function isStill(database: Database, config: BridgeConfig): boolean {
  const row = database.get("SELECT config FROM network WHERE name = ? AND boot IS NOT NULL", name);
  return row?.config === JSON.stringify(config);
}

/** What was decided when the network was first needed. */
export function storedConfig(database: Database): BridgeConfig | undefined {
  const row = database.get("SELECT config FROM network WHERE name = ?", name);
  return row && (JSON.parse(String(row.config)) as BridgeConfig);
}
