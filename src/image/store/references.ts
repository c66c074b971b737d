/**
 * Names in the store. Each is an entry of `index.json`, with the full name ("docker.io/library/busybox:latest") as
 * containerd annotates it, and the tag as the image-spec does. An entry without a name is an image that has lost
 * its last one: `<none>` in Docker's lists.
 *
 * Names are texts that `formatReference` gives. Of two entries with one name the last counts.
 */

import { BrigError } from "../../base/errors.ts";
import type { Digest } from "../../base/ids.ts";
import type { Descriptor } from "../../spec/image/descriptor.ts";
import { containerdNameAnnotation, refNameAnnotation } from "../../spec/image/layout.ts";
import { parseReference } from "../../spec/reference.ts";
import { readIndex, updateIndex } from "./index-file.ts";
import type { ImageStore } from "./store.ts";

export interface NamedImage {
  readonly name?: string;
  /** Of a manifest or an index. */
  readonly target: Descriptor;
}

/** Everything the store keeps, in the order it came. */
export function listImages(store: ImageStore): readonly NamedImage[] {
  return readIndex(store).map((entry) => {
    const name = nameOf(entry);
    return name === undefined ? { target: bare(entry) } : { name, target: bare(entry) };
  });
}

/** What the name stands for; undefined when nothing is called so. */
export function findImage(store: ImageStore, name: string): Descriptor | undefined {
  const entry = readIndex(store).findLast((each) => nameOf(each) === name);
  return entry && bare(entry);
}

/** Names an image. What had the name before keeps its place, nameless unless it has another one, as in Docker. */
export async function nameImage(store: ImageStore, name: string, target: Descriptor): Promise<void> {
  const { tag } = parseReference(name);
  const annotations = {
    [containerdNameAnnotation]: name,
    ...(tag === undefined ? {} : { [refNameAnnotation]: tag }),
  };
  await updateIndex(store, (entries) => {
    const others = entries.filter((entry) => nameOf(entry) !== name);
    const replaced = entries.filter((entry) => nameOf(entry) === name && entry.digest !== target.digest);
    const nameless = replaced
      .filter((entry) => !others.some((other) => other.digest === entry.digest))
      .map(bare);
    // The image itself is nameless no more.
    const kept = others.filter((entry) => entry.digest !== target.digest || nameOf(entry) !== undefined);
    return [...kept, ...nameless, { ...bare(target), annotations }];
  });
}

/** Keeps an image that has no name; does nothing when it is kept already. */
export async function keepImage(store: ImageStore, target: Descriptor): Promise<void> {
  await updateIndex(store, (entries) =>
    entries.some((entry) => entry.digest === target.digest) ? entries : [...entries, bare(target)],
  );
}

/** Takes a name away. The image stays, nameless, when this was its last name and `keep` is set. */
export async function unnameImage(
  store: ImageStore,
  name: string,
  { keep }: { readonly keep: boolean },
): Promise<void> {
  await updateIndex(store, (entries) => {
    const found = entries.findLast((entry) => nameOf(entry) === name);
    if (!found) throw new BrigError("not-found", `no such image: ${name}`, { code: "no-such-image" });
    const others = entries.filter((entry) => nameOf(entry) !== name);
    const alone = !others.some((entry) => entry.digest === found.digest);
    return keep && alone ? [...others, bare(found)] : others;
  });
}

/** Forgets an image under all its names; its blobs go with the next garbage collection. */
export async function forgetImage(store: ImageStore, digest: Digest): Promise<void> {
  await updateIndex(store, (entries) => entries.filter((entry) => entry.digest !== digest));
}

function nameOf(entry: Descriptor): string | undefined {
  return entry.annotations?.[containerdNameAnnotation];
}

/** Without the annotations that make a descriptor an entry of an index. */
function bare({ annotations: _, ...descriptor }: Descriptor): Descriptor {
  return descriptor;
}
