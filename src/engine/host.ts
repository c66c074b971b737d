/** What every part of the engine works with: where things are, the database, and the outside world as arguments. */

import { chmodSync, mkdirSync } from "node:fs";
import type { HostPath } from "../base/ids.ts";
import { type Owner, thisProcess } from "../image/store/owner.ts";
import { type ImageStore, imageStore } from "../image/store/store.ts";
import { Executor } from "../kernel/executor/executor.ts";
import { type HostFacts, readHostFacts } from "../kernel/host.ts";
import { paths, type Roots } from "./roots.ts";
import type { StorageDriver } from "./snapshot/snapshotter.ts";
import { Database } from "./store/database.ts";

export interface EngineHost {
  readonly roots: Roots;
  readonly database: Database;
  readonly images: ImageStore;
  readonly facts: HostFacts;
  /** This process, as one that is at work on a row. */
  readonly owner: Owner;
  readonly shim: HostPath;
  /** What the user wants containers' roots to be made by; else what this host can. */
  readonly storageDriver?: StorageDriver;
  /** The command line that runs brig itself, for what a shim executes in the end. */
  readonly self: readonly string[];
  readonly random: (size: number) => Uint8Array;
  readonly now: () => number;
  /** Told to the user, not part of any result. */
  readonly warn: (message: string) => void;
  /** The next look at what others have left half done, which all who ask for one by then share (reconcile.ts). */
  readonly reconciliation?: { next?: Promise<void> | undefined };
}

export interface HostOptions
  extends Pick<EngineHost, "roots" | "shim" | "storageDriver" | "self" | "random" | "now" | "warn"> {}

export function openHost(options: HostOptions): EngineHost {
  const { roots, random, now } = options;
  const owner = thisProcess();
  const database = new Database(paths.database(roots));
  return {
    ...options,
    owner,
    database,
    images: imageStore(roots.root, { owner, now, random }),
    facts: readHostFacts(),
    reconciliation: {},
  };
}

/** An executor in the host's namespaces that nothing of a container has touched. */
export function hostSession(host: Pick<EngineHost, "shim">): Executor {
  return Executor.start({ shim: host.shim });
}

/** For root alone: what containers leave in these may be anything. */
export function makePrivate(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  chmodSync(directory, 0o700);
}
