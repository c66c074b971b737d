/**
 * What a container's root is made of: an image, which is shared and never written, and the container's own changes.
 *
 *   prepare   the image's layers become folders, once for all containers; doing it again costs a look
 *   make      the container gets what is its own; complete or not there, and doing it again changes nothing
 *   root      what a launch, or `cp`, mounts as the container's root: after `make`
 *   changes   what the container has changed, also while it runs; of one that was never made nothing
 *
 * A container keeps the driver that it was made with: its row names it. Whoever calls `make` has the container for
 * himself, as one that starts it or holds the lock on its files; everything else may go on beside each other. What a
 * killed process has left half done is never taken for whole. A container's folder may be removed at any time by
 * `image/layers/session-tree.ts`, whatever the driver.
 *
 * Every driver passes `snapshotter.contract.ts`, and has the same files: `image.ts`, `container.ts`, `changes.ts`.
 */

import type { ContainerId, HostPath } from "../../base/ids.ts";
import type { Change } from "../../image/files/changes.ts";
import type { ResolvedImage } from "../../image/store/resolve.ts";
import type { RootSource } from "../../runtime/launch/rootfs.ts";
import type { EngineHost } from "../host.ts";

/** Docker's names. */
export type StorageDriver = "overlay2" | "vfs";

export interface Snapshotter {
  readonly driver: StorageDriver;
  /** Throws `unsupported` for an image that no container can be made of. */
  refuse(image: ResolvedImage): void;
  isPrepared(host: EngineHost, image: ResolvedImage): boolean;
  prepare(host: EngineHost, image: ResolvedImage): Promise<void>;
  /** The folders that a file of the image may be in, the uppermost first. */
  folders(host: EngineHost, image: ResolvedImage): readonly HostPath[];
  /** Nothing but the image, to be mounted read-only. */
  image(host: EngineHost, image: ResolvedImage): RootSource;
  make(host: EngineHost, id: ContainerId, image: ResolvedImage, how: MakeOptions): Promise<void>;
  root(host: Pick<EngineHost, "roots">, id: ContainerId, image: ResolvedImage): RootSource;
  /** Throws away what killed processes have left half done. */
  discard(host: EngineHost): Promise<void>;
  /** Sorted by path. */
  changes(host: EngineHost, id: ContainerId, image: ResolvedImage): Promise<readonly Change[]>;
  /** Bytes in what the container has changed. */
  written(host: EngineHost, id: ContainerId, image: ResolvedImage): Promise<number>;
}

export interface MakeOptions {
  /** The container goes with its end: a power cut need not be thought of. */
  readonly brief: boolean;
}
