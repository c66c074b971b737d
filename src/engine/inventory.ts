/** What containers are made from and live in: images, volumes, networks. Loaded by the method that needs it. */

import type { Report, SystemCheckOptions } from "./check/check.ts";
import type { ImageInfo } from "./container/info.ts";
import { mountsImage } from "./container/mount-origins.ts";
import { reconcile } from "./container/reconcile.ts";
import { listContainers } from "./container/records.ts";
import type { EngineHost } from "./host.ts";
import type { HistoryStep } from "./image/history.ts";
import type { ImportRequest } from "./image/intake.ts";
import { type ImageDetails, imageDetails, listImageInfos } from "./image/list.ts";
import type { SaveRequest } from "./image/output.ts";
import type { Removal } from "./image/removal.ts";
import type { NetworkInfo } from "./networks.ts";
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

  async info(): Promise<Readonly<Record<string, unknown>>> {
    const { engineInfo } = await import("./info.ts");
    return engineInfo(this.#host);
  }
}

const intake = () => import("./image/intake.ts");
