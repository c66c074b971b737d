/** Roots as overlays (overlayfs.rst): the image's layers, one layer of ours, and a writable one of the container's own. */

import type { Snapshotter } from "../snapshotter.ts";
import { makeContainer, overlayOf } from "./container.ts";
import { imageOf, isUnpacked, layerFolders, refuseTooManyLayers, unpackImage } from "./image.ts";

export const overlay2: Snapshotter = {
  driver: "overlay2",
  refuse: refuseTooManyLayers,
  isPrepared: isUnpacked,
  prepare: unpackImage,
  folders: layerFolders,
  image: ({ roots }, image) => imageOf(roots, image),
  make: async ({ roots }, id) => makeContainer(roots, id),
  root: ({ roots }, id, image) => overlayOf(roots, id, image),
  discard: async () => {}, // a folder is made by one call
  changes: async (...args) => (await import("./changes.ts")).changes(...args),
  written: async (host, id) => (await import("./changes.ts")).written(host, id),
};
