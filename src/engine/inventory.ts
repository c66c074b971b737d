/** What containers are made from and live in: images, volumes, networks. Loaded by the method that needs it. */

import type { Report, SystemCheckOptions } from "./check/check.ts";
import type { ImageInfo } from "./container/info.ts";
import { mountsImage } from "./container/mount-origins.ts";
import { reconcile } from "./container/reconcile.ts";
import { listContainers } from "./container/records.ts";
import type { DiskUsage, UsageKind } from "./disk-usage.ts";
import type { EngineHost } from "./host.ts";
import type { HistoryStep } from "./image/history.ts";
import type { ImportRequest } from "./image/intake.ts";
import { type ImageDetails, imageDetails, listImageInfos } from "./image/list.ts";
import type { SaveRequest } from "./image/output.ts";
import type { Removal } from "./image/removal.ts";
import type { EngineFacts } from "./info.ts";
import type { NetworkInfo } from "./networks.ts";
import type { ContainerPruneQuery } from "./prune/containers.ts";
import type { ImagePruneQuery, PrunedImages } from "./prune/images.ts";
import type { Pruned, PruneQuery } from "./prune/query.ts";
import type { VolumePruneQuery } from "./prune/volumes.ts";
import type { VolumeInfo, VolumeRequest } from "./volume/volume.ts";

export class Inventory {
  readonly #host: EngineHost;

  constructor(host: EngineHost) {
    this.#host = host;
  }

  async images(): Promise<readonly ImageInfo[]> {
    return listImageInfos(this.#host);
  }

  async inspectImage(reference: string): Promise<ImageDetails> {
    return imageDetails(this.#host, reference);
  }

  async *load(
    input: AsyncIterable<Uint8Array>,
  ): AsyncGenerator<{ readonly reference?: string; readonly id: string }> {
    yield* (await intake()).loadImages(this.#host, input);
  }

  async importImage(
    input: AsyncIterable<Uint8Array>,
    request: ImportRequest,
  ): Promise<{ readonly id: string }> {
    return (await intake()).importRootfs(this.#host, input, request);
  }

  /** Images as one archive; rejects before anything is written when one is not there. */
  async save(request: SaveRequest): Promise<AsyncGenerator<Uint8Array>> {
    return (await import("./image/output.ts")).saveImages(this.#host, request);
  }

  async tag(reference: string, name: string): Promise<void> {
    await (await import("./image/output.ts")).tagImage(this.#host, reference, name);
  }

  async history(reference: string): Promise<readonly HistoryStep[]> {
    return (await import("./image/history.ts")).imageHistory(this.#host, reference);
  }

  async removeImage(
    reference: string,
    { force = false }: { readonly force?: boolean } = {},
  ): Promise<readonly Removal[]> {
    const containers = listContainers(this.#host.database);
    const users = (imageId: string) =>
      containers.filter(({ imageId: own, spec }) => own === imageId || mountsImage(spec, imageId));
    const { removeImage } = await import("./image/removal.ts");
    return removeImage(this.#host, reference, { force, users });
  }

  async createVolume(request: VolumeRequest): Promise<VolumeInfo> {
    return (await import("./volume/volume.ts")).createVolume(this.#host, request);
  }

  async volumes(): Promise<readonly VolumeInfo[]> {
    return (await import("./volume/volume.ts")).listVolumes(this.#host);
  }

  async inspectVolume(name: string): Promise<VolumeInfo> {
    return (await import("./volume/volume.ts")).findVolume(this.#host, name);
  }

  async removeVolume(name: string): Promise<void> {
    await reconcile(this.#host);
    await (await import("./volume/remove.ts")).removeVolume(this.#host, name);
  }

  /** Removes the containers that do not run. */
  async pruneContainers(query: ContainerPruneQuery = {}): Promise<Pruned> {
    await reconcile(this.#host);
    return (await import("./prune/containers.ts")).pruneContainers(this.#host, query);
  }

  /** Removes the images that no container has: those without a name, or all. */
  async pruneImages(query: ImagePruneQuery = {}): Promise<PrunedImages> {
    return (await import("./prune/images.ts")).pruneImages(this.#host, query);
  }

  /** Removes the volumes that no container has: the anonymous ones, or all. */
  async pruneVolumes(query: VolumePruneQuery = {}): Promise<Pruned> {
    await reconcile(this.#host);
    return (await import("./prune/volumes.ts")).pruneVolumes(this.#host, query);
  }

  /** Removes the networks that no container is in; those that are always there stay. */
  async pruneNetworks(query: PruneQuery = {}): Promise<Pruned> {
    return (await import("./prune/networks.ts")).pruneNetworks(this.#host, query);
  }

  /** What takes the space below this root; of the kinds that are wanted. */
  async diskUsage(kinds?: readonly UsageKind[]): Promise<DiskUsage> {
    await reconcile(this.#host);
    return (await import("./disk-usage.ts")).diskUsage(this.#host, kinds);
  }

  async networks(): Promise<readonly NetworkInfo[]> {
    return (await import("./networks.ts")).listNetworks(this.#host);
  }

  async inspectNetwork(reference: string): Promise<NetworkInfo> {
    await reconcile(this.#host);
    return (await import("./networks.ts")).findNetwork(this.#host, reference);
  }

  /** What does not belong to this root, and with `repair` no more after it. Nothing is put right by the way. */
  async check(options: SystemCheckOptions = {}): Promise<readonly Report[]> {
    return (await import("./check/check.ts")).checkSystem(this.#host, options);
  }

  /** Takes away what the host keeps of this root between containers; returns that in words. */
  async release(): Promise<readonly string[]> {
    await reconcile(this.#host);
    return (await import("./release.ts")).releaseOnDemand(this.#host);
  }

  async info(): Promise<EngineFacts> {
    const { engineInfo } = await import("./info.ts");
    return engineInfo(this.#host);
  }
}

const intake = () => import("./image/intake.ts");
