import assert from "node:assert/strict";
import { test } from "node:test";
import type { ContainerId, Digest } from "../../../base/ids.ts";
import { rootsOf } from "../../roots.ts";
import { overlayOf } from "./container.ts";
import { refuseTooManyLayers } from "./image.ts";

const digest = (i: number) => `sha256:${i.toString(16).padStart(64, "0")}` as Digest;
const layers = (count: number) => Array.from({ length: count }, (_, i) => digest(i));
const imageOf = (diffIds: readonly Digest[]) => ({
  config: { config: {}, rootfs: { type: "layers", diff_ids: diffIds } } as const,
});

test("a layer that an image has twice is in the overlay once, where it is uppermost", () => {
  const image = imageOf([digest(1), digest(2), digest(1), digest(3)]);
  const { lower } = overlayOf(rootsOf("/r"), "c" as ContainerId, image);
  const hex = (i: number) => `layers/${i.toString(16).padStart(64, "0")}`;
  assert.deepEqual(lower.slice(1), [hex(3), hex(1), hex(2)]);
});

test("an image of more than 499 layers is refused, and equal ones count once", () => {
  refuseTooManyLayers(imageOf(layers(499)));
  refuseTooManyLayers(imageOf([...layers(400), ...layers(400)]));
  assert.throws(() => refuseTooManyLayers(imageOf(layers(500))), {
    code: "too-many-layers",
    message: /the image has 500 layers, and an overlay takes 499/,
  });
});
