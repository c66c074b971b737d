import assert from "node:assert/strict";
import { test } from "node:test";
import type { ContainerId, Digest } from "../../base/ids.ts";
import { rootsOf } from "../roots.ts";
import { overlayOf, refuseTooManyLayers } from "./snapshot.ts";

const digest = (i: number) => `sha256:${i.toString(16).padStart(64, "0")}` as Digest;
const layers = (count: number) => Array.from({ length: count }, (_, i) => digest(i));

test("a layer that an image has twice is in the overlay once, where it is uppermost", () => {
  const { lower } = overlayOf(rootsOf("/r"), "c" as ContainerId, [
    digest(1),
    digest(2),
    digest(1),
    digest(3),
  ]);
  const hex = (i: number) => `layers/${i.toString(16).padStart(64, "0")}`;
  assert.deepEqual(lower.slice(1), [hex(3), hex(1), hex(2)]);
});

test("an image of more than 499 layers is refused, and equal ones count once", () => {
  refuseTooManyLayers(layers(499));
  refuseTooManyLayers([...layers(400), ...layers(400)]);
  assert.throws(() => refuseTooManyLayers(layers(500)), {
    code: "too-many-layers",
    message: /the image has 500 layers, and an overlay takes 499/,
  });
});
