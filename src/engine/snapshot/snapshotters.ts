/** The drivers by their names. One that hosts rarely need is loaded when it is. */

import type { EngineHost } from "../host.ts";
import { storageOf } from "./choose.ts";
import { overlay2 } from "./overlay2/driver.ts";
import type { Snapshotter, StorageDriver } from "./snapshotter.ts";

export async function snapshotterOf(driver: StorageDriver): Promise<Snapshotter> {
  return driver === "overlay2" ? overlay2 : (await import("./vfs/driver.ts")).vfs;
}

/** For what is made from now on. */
export async function currentSnapshotter(host: EngineHost): Promise<Snapshotter> {
  return snapshotterOf(await storageOf(host));
}
