/** `rmi`: names, images, and what nothing needs any more. */

import { BrigError } from "../../base/errors.ts";
import type { Digest } from "../../base/ids.ts";
import { chainId } from "../../image/layers/chain-id.ts";
import { collectLayers } from "../../image/layers/collect-layers.ts";
import { collectGarbage, reachable } from "../../image/store/collect.ts";
import { forgetImage, listImages, unnameImage } from "../../image/store/references.ts";
import { formatFamiliar, parseReference } from "../../spec/reference.ts";
import { tellOfImage } from "../events/image.ts";
import type { EngineHost } from "../host.ts";
import { layersOf } from "../snapshot/layers.ts";
import { mergedStore } from "../snapshot/vfs/image.ts";
import { findImage } from "./find.ts";

/** A container of an image. */
export interface ImageUser {
  readonly id: string;
  readonly state: string;
}

/** What has gone with an image: a name, or something that was kept. */
export type Removal = { readonly kind: "untagged" | "deleted"; readonly what: string };

/** Takes a name away; with the last name, or by id, the image and what only it needs. */
export async function removeImage(
  host: EngineHost,
  reference: string,
  {
    force,
    users: usersOf,
  }: { readonly force: boolean; readonly users: (imageId: Digest) => readonly ImageUser[] },
): Promise<readonly Removal[]> {
  const { image, entries, name } = findImage(host, reference);
  const users = usersOf(image.id);
  const last = name === undefined || entries.length <= 1;
  const short = (id: string) => id.replace("sha256:", "").slice(0, 12);
  if (name === undefined && entries.length > 1 && !force)
    throw new BrigError(
      "conflict",
      `unable to delete ${short(image.id)} (must be forced) - image is referenced in multiple repositories`,
    );
  const user = users[0];
  if (last && user && (!force || user.state === "running"))
    throw new BrigError(
      "conflict",
      `unable to remove repository reference "${reference}" (must force) - container ${user.id.slice(0, 12)} is using its referenced image ${short(image.id)}`,
    );
  const gone = name === undefined ? entries.flatMap((entry) => entry.name ?? []) : [name];
  const untagged = gone.map((n) => ({ kind: "untagged" as const, what: formatFamiliar(parseReference(n)) }));
  const told = (action: "delete" | "untag") => tellOfImage(host, action, image);
  if (!last) {
    await unnameImage(host.images, name, { keep: true });
    told("untag");
    return untagged;
  }
  if (users.length > 0) {
    // Nameless as it is then, it stays for its containers.
    for (const each of gone) {
      await unnameImage(host.images, each, { keep: true });
      told("untag");
    }
    return untagged;
  }
  for (const _ of gone) told("untag");
  await forgetImage(host.images, entries[0]!.target.digest);
  await collectGarbage(host.images);
  const named = () => listImages(host.images).map(({ target }) => target);
  const layers = await collectLayers(layersOf(host), () => reachable(host.images, named()).diffIds);
  await collectLayers(mergedStore(host), () => new Set(reachable(host.images, named()).images.map(chainId)));
  told("delete");
  return [
    ...untagged,
    { kind: "deleted", what: image.id },
    ...layers.map((what) => ({ kind: "deleted" as const, what })),
  ];
}
