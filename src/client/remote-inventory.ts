/** What containers of another engine are made from and live in: images, volumes, networks. */

import { BrigError } from "../base/errors.ts";
import type { Filters } from "../docker/filter/filters.ts";
import type { InfoJson } from "../docker/inspect/info.ts";
import { historyOf, imageDetailsOf, imageInfosOf, removalsOf } from "../docker/read/image.ts";
import { networkInfoOf, volumeInfoOf, volumeInfosOf } from "../docker/read/inventory.ts";
import type { Report } from "../engine/check/check.ts";
import type { ImageInfo } from "../engine/container/info.ts";
import type { DiskUsage } from "../engine/disk-usage.ts";
import type { HistoryStep } from "../engine/image/history.ts";
import type { ImportRequest } from "../engine/image/intake.ts";
import type { ImageDetails } from "../engine/image/list.ts";
import type { SaveRequest } from "../engine/image/output.ts";
import type { Removal } from "../engine/image/removal.ts";
import type { EngineFacts } from "../engine/info.ts";
import type { NetworkInfo } from "../engine/networks.ts";
import type { ImagePruneQuery, PrunedImages } from "../engine/prune/images.ts";
import type { Pruned, PruneQuery } from "../engine/prune/query.ts";
import type { VolumePruneQuery } from "../engine/prune/volumes.ts";
import type { VolumeInfo, VolumeRequest } from "../engine/volume/volume.ts";
import { formatFamiliar, parseReference } from "../spec/reference.ts";
import { integer, text } from "../spec/schema/scalars.ts";
import { list, looseObject, optional, type Schema } from "../spec/schema/schema.ts";
import { type Api, imagePath, part } from "./api.ts";
import { progress } from "./stream/messages.ts";

const texts = optional(list(text));
const anything = ((value: unknown) => value) as Schema<unknown>;

const prunedSchema = looseObject({
  ContainersDeleted: texts,
  ImagesDeleted: optional(anything),
  NetworksDeleted: texts,
  VolumesDeleted: texts,
  SpaceReclaimed: optional(integer(0, Number.MAX_SAFE_INTEGER)),
});

function pruneFilters({ until, labels = [], withoutLabels = [] }: PruneQuery): Filters {
  return {
    ...(until === undefined ? {} : { until: [(until / 1000).toFixed(3)] }),
    ...(labels.length === 0 ? {} : { label: labels }),
    ...(withoutLabels.length === 0 ? {} : { "label!": withoutLabels }),
  };
}

export class RemoteInventory {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  images(): Promise<readonly ImageInfo[]> {
    return this.#api.read(imageInfosOf, { method: "GET", path: "/images/json" });
  }

  inspectImage(reference: string): Promise<ImageDetails> {
    return this.#api.read(imageDetailsOf, { method: "GET", path: `/images/${imagePath(reference)}/json` });
  }

  async *load(
    input: AsyncIterable<Uint8Array>,
  ): AsyncGenerator<{ readonly reference?: string; readonly id: string }> {
    const { pieces } = await this.#api.ask({
      method: "POST",
      path: "/images/load",
      query: { quiet: 1 },
      bytes: input,
    });
    for await (const { stream = "" } of progress(pieces, this.#api.name)) {
      const [, what, name = ""] = /^Loaded image( ID)?: (\S+)\s*$/.exec(String(stream)) ?? [];
      if (name === "") continue;
      if (what === undefined) yield { reference: name, id: (await this.inspectImage(name)).id };
      else yield { id: name };
    }
  }

  async importImage(
    input: AsyncIterable<Uint8Array>,
    { reference, message, platform, changes }: ImportRequest,
  ): Promise<{ readonly id: string }> {
    const { pieces } = await this.#api.ask({
      method: "POST",
      path: "/images/create",
      query: { fromSrc: "-", repo: reference, message, platform, changes },
      bytes: input,
    });
    let id: string | undefined;
    for await (const { status } of progress(pieces, this.#api.name))
      if (typeof status === "string" && status.startsWith("sha256:")) id = status;
    if (id === undefined) throw new BrigError("unavailable", `${this.#api.name} has not told the image's id`);
    return { id };
  }

  /** Rejects before anything is written when one of them is not there. */
  async save({ references, platform }: SaveRequest): Promise<AsyncGenerator<Uint8Array>> {
    const { pieces } = await this.#api.ask({
      method: "GET",
      path: "/images/get",
      query: {
        names: references,
        ...(platform === undefined ? {} : { platform: await this.#platform(platform) }),
      },
    });
    return pieces;
  }

  async tag(reference: string, name: string): Promise<void> {
    const target = parseReference(name);
    if (target.digest !== undefined)
      throw new BrigError("invalid", "refusing to create a tag with a digest reference");
    const { tag, ...repository } = target;
    await this.#api.done({
      method: "POST",
      path: `/images/${imagePath(reference)}/tag`,
      query: { repo: formatFamiliar(repository), tag },
    });
  }

  history(reference: string): Promise<readonly HistoryStep[]> {
    return this.#api.read(historyOf, { method: "GET", path: `/images/${imagePath(reference)}/history` });
  }

  removeImage(
    reference: string,
    { force = false }: { readonly force?: boolean } = {},
  ): Promise<readonly Removal[]> {
    const query = force ? { force: 1 } : {};
    return this.#api.read(removalsOf, { method: "DELETE", path: `/images/${imagePath(reference)}`, query });
  }

  createVolume({ name, driver, options, labels }: VolumeRequest): Promise<VolumeInfo> {
    const json = { Name: name ?? "", Driver: driver ?? "", DriverOpts: options ?? {}, Labels: labels ?? {} };
    return this.#api.read(volumeInfoOf, { method: "POST", path: "/volumes/create", json });
  }

  volumes(): Promise<readonly VolumeInfo[]> {
    return this.#api.read(volumeInfosOf, { method: "GET", path: "/volumes" });
  }

  inspectVolume(name: string): Promise<VolumeInfo> {
    return this.#api.read(volumeInfoOf, { method: "GET", path: `/volumes/${part(name)}` });
  }

  async removeVolume(name: string): Promise<void> {
    await this.#api.done({ method: "DELETE", path: `/volumes/${part(name)}` });
  }

  async pruneContainers(query: PruneQuery = {}): Promise<Pruned> {
    const path = "/containers/prune";
    const { ContainersDeleted, SpaceReclaimed } = await this.#pruned(path, pruneFilters(query));
    return { removed: ContainersDeleted ?? [], reclaimed: SpaceReclaimed ?? 0 };
  }

  async pruneImages({ all = false, ...query }: ImagePruneQuery = {}): Promise<PrunedImages> {
    const filters = { ...pruneFilters(query), dangling: [String(!all)] };
    const { ImagesDeleted, SpaceReclaimed } = await this.#pruned("/images/prune", filters);
    return { removed: removalsOf(ImagesDeleted ?? [], "images:"), reclaimed: SpaceReclaimed ?? 0 };
  }

  /** Before 1.42 an engine takes all of them, and knows no other way: then the anonymous ones cannot be asked for. */
  async pruneVolumes({ all = false, ...query }: VolumePruneQuery = {}): Promise<Pruned> {
    const old = (await this.#api.minor()) < 42;
    if (old && !all)
      throw new BrigError(
        "unsupported",
        `cannot prune anonymous volumes alone: ${this.#api.name} speaks no version 1.42; prune all of them`,
      );
    const filters = { ...pruneFilters(query), ...(all && !old ? { all: ["true"] } : {}) };
    const { VolumesDeleted, SpaceReclaimed } = await this.#pruned("/volumes/prune", filters);
    return { removed: VolumesDeleted ?? [], reclaimed: SpaceReclaimed ?? 0 };
  }

  async pruneNetworks(query: PruneQuery = {}): Promise<Pruned> {
    const { NetworksDeleted } = await this.#pruned("/networks/prune", pruneFilters(query));
    return { removed: NetworksDeleted ?? [], reclaimed: 0 };
  }

  /** Its words are in the documents (`system df`). */
  diskUsage(): Promise<DiskUsage> {
    return this.local("measure what takes the space");
  }

  #pruned(path: string, filters: Filters) {
    const query = Object.keys(filters).length === 0 ? {} : { filters: JSON.stringify(filters) };
    return this.#api.read(prunedSchema, { method: "POST", path, query });
  }

  networks(): Promise<readonly NetworkInfo[]> {
    return this.#api.read(list(networkInfoOf), { method: "GET", path: "/networks" });
  }

  inspectNetwork(reference: string): Promise<NetworkInfo> {
    return this.#api.read(networkInfoOf, { method: "GET", path: `/networks/${part(reference)}` });
  }

  check(): Promise<readonly Report[]> {
    return this.local("check");
  }

  release(): Promise<readonly string[]> {
    return this.local("release");
  }

  /** As that engine says. */
  async info(): Promise<EngineFacts> {
    const { ID, ...facts } = (await this.#api.document({ method: "GET", path: "/info" })) as InfoJson;
    return { ...facts, Id: ID };
  }

  /** For what Docker's API has no word. */
  protected async local(what: string): Promise<never> {
    throw new BrigError(
      "unsupported",
      `cannot ${what}: only an engine on this host can, and this one is at ${this.#api.name}`,
      { code: "local-only" },
    );
  }

  async #platform(text: string): Promise<string> {
    if ((await this.#api.minor()) < 48)
      throw new BrigError(
        "unsupported",
        `cannot save one platform: ${this.#api.name} speaks no version 1.48`,
      );
    const [os = "", architecture = "", variant] = text.split("/");
    return JSON.stringify({ os, architecture, ...(variant === undefined ? {} : { variant }) });
  }
}
