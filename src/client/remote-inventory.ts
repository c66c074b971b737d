/** What containers of another engine are made from and live in: images, volumes, networks. */

import { BrigError } from "../base/errors.ts";
import { historyOf, imageDetailsOf, imageInfosOf, removalsOf } from "../docker/read/image.ts";
import { networkInfoOf, volumeInfoOf, volumeInfosOf } from "../docker/read/inventory.ts";
import type { Report } from "../engine/check/check.ts";
import type { ImageInfo } from "../engine/container/info.ts";
import type { HistoryStep } from "../engine/image/history.ts";
import type { ImportRequest } from "../engine/image/intake.ts";
import type { ImageDetails } from "../engine/image/list.ts";
import type { SaveRequest } from "../engine/image/output.ts";
import type { Removal } from "../engine/image/removal.ts";
import type { NetworkInfo } from "../engine/networks.ts";
import type { VolumeInfo, VolumeRequest } from "../engine/volume/volume.ts";
import { formatFamiliar, parseReference } from "../spec/reference.ts";
import { list } from "../spec/schema/schema.ts";
import { type Api, imagePath, part } from "./api.ts";
import { progress } from "./stream/messages.ts";

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

  async info(): Promise<Readonly<Record<string, unknown>>> {
    return (await this.#api.document({ method: "GET", path: "/info" })) as Readonly<Record<string, unknown>>;
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
