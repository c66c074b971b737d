/**
 * Which driver containers of a root get: the one that the user names, or `overlay2` where an overlay can be had there, and
 * else `vfs`. What can be had is tried out once (`probe.ts`), and remembered for as long as the host has not been started
 * anew and the root is on the same disk.
 */

import { statSync } from "node:fs";
import { BrigError } from "../../base/errors.ts";
import { bootOf } from "../../image/store/owner.ts";
import type { EngineHost } from "../host.ts";
import type { StorageDriver } from "./snapshotter.ts";

/** What a root's file system can; each reason says why not. */
export interface StorageFacts {
  readonly noOverlay?: string;
  /** It cannot hold what images have. */
  readonly unfit?: string;
}

export function parseStorageDriver(name: string): StorageDriver {
  // Podman's name of it.
  if (name === "overlay2" || name === "overlay") return "overlay2";
  if (name === "vfs") return name;
  throw new BrigError("invalid", `cannot use the storage driver ${name}: there are overlay2 and vfs`, {
    code: "no-such-driver",
  });
}

export async function storageOf(host: EngineHost): Promise<StorageDriver> {
  const facts = remembered(host) ?? (await probe(host));
  const { root } = host.roots;
  if (facts.unfit !== undefined)
    throw new BrigError(
      "unsupported",
      `cannot keep containers in ${root}: ${facts.unfit}; choose another --root`,
      { code: "unfit-root" },
    );
  if (host.storageDriver === "overlay2" && facts.noOverlay !== undefined)
    throw new BrigError(
      "unsupported",
      `cannot use the storage driver overlay2 in ${root}: ${facts.noOverlay}; use vfs, or another --root`,
      { code: "no-overlay" },
    );
  return host.storageDriver ?? (facts.noOverlay === undefined ? "overlay2" : "vfs");
}

/** Without trying anything out. */
export function likelyStorage(host: EngineHost): StorageDriver {
  return host.storageDriver ?? (remembered(host)?.noOverlay === undefined ? "overlay2" : "vfs");
}

/** Undefined where nobody has tried it out. */
export function remembered({ database, owner, roots }: EngineHost): StorageFacts | undefined {
  const row = database.get("SELECT boot, device, found FROM storage");
  if (row === undefined || row.boot !== bootOf(owner.id) || Number(row.device) !== deviceOf(roots.root))
    return undefined;
  return JSON.parse(String(row.found)) as StorageFacts;
}

async function probe(host: EngineHost): Promise<StorageFacts> {
  const { probeStorage } = await import("./probe.ts");
  const facts = await probeStorage(host);
  if (facts.noOverlay !== undefined && facts.unfit === undefined && host.storageDriver === undefined)
    host.warn(
      `every container's root is a copy of its image (storage driver vfs), as no overlay can be had in ${host.roots.root}: ${facts.noOverlay}`,
    );
  const { database, owner, roots } = host;
  database.transientTransaction(() => {
    database.run("DELETE FROM storage");
    const sql = "INSERT INTO storage (boot, device, found) VALUES (?, ?, ?)";
    database.run(sql, bootOf(owner.id), deviceOf(roots.root), JSON.stringify(facts));
  });
  return facts;
}

function deviceOf(path: string): number {
  return statSync(path).dev;
}
