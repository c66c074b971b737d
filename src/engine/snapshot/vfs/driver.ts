/**
 * Roots as copies: the layers of an image are merged into one folder, and each container gets a copy of that. Slower and
 * larger than an overlay, unless the file system shares blocks; but it asks nothing of the kernel.
 */

import type { Snapshotter } from "../snapshotter.ts";
import { changes, written } from "./changes.ts";
import { discardDrafts, makeContainer, rootOf } from "./container.ts";
import { isMerged, mergedFolder, mergeImage } from "./image.ts";

export const vfs: Snapshotter = {
  driver: "vfs",
  refuse: () => {},
  isPrepared: isMerged,
  prepare: mergeImage,
  folders: (host, image) => [mergedFolder(host, image)],
  image: (host, image) => ({ kind: "directory", path: mergedFolder(host, image) }),
  make: makeContainer,
  root: ({ roots }, id) => ({ kind: "directory", path: rootOf(roots, id) }),
  discard: discardDrafts,
  changes,
  written,
};
