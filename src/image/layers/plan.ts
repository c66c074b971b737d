/**
 * From the entries of a layer's archive to operations in a jail, for a folder that overlayfs will stack; or from those of
 * all layers of an image, for one folder that holds what they show together.
 *
 * Rules: image-spec, layer.md; where it is silent, what Docker does. The last of several entries of one name
 * counts. A whiteout never hides an entry of its own layer. Directories get their times last, because each entry
 * in them changes the times.
 */

import type { TarEntry } from "../tar/entry.ts";
import type { Operation } from "./jail.ts";
import { Plan, type PlanOptions } from "./layer-plan.ts";
import { unusable } from "./path.ts";

export type { PlanOptions } from "./layer-plan.ts";

type Batches = AsyncGenerator<readonly Operation[], void, undefined>;

/** Operations for the whole layer, in batches of a size that keeps both sides busy. */
export async function* planLayer(entries: AsyncIterable<TarEntry>, options: PlanOptions): Batches {
  const plan = new Plan(options, false);
  yield* planEntries(entries, plan);
  yield* planEnd(plan);
}

/** Operations for all layers of an image, the base first: what one of them takes away is gone, and not hidden. */
export async function* planMerged(
  layers: AsyncIterable<AsyncIterable<TarEntry>>,
  options: Pick<PlanOptions, "devices">,
): Batches {
  const plan = new Plan({ ...options, overlay: "trusted" }, true);
  for await (const entries of layers) {
    plan.begin();
    yield* planEntries(entries, plan);
  }
  yield* planEnd(plan);
}

async function* planEntries(entries: AsyncIterable<TarEntry>, plan: Plan): Batches {
  let count = 0;
  for await (const entry of entries) {
    // Attack: headers of empty files compress a hundredfold, and each one costs memory here and an inode there.
    if (++count > entriesLimit)
      throw unusable(entry.header.path, `the layer has more than ${entriesLimit} entries`);
    const file = plan.add(entry.header);
    if (file !== undefined) {
      plan.emit({ kind: "file", path: file.path });
      const whole = entry.whole();
      if (whole !== undefined) {
        if (whole.length > 0) plan.emit({ kind: "data", offset: 0, bytes: whole });
      } else
        for await (const { offset, bytes } of entry.extents) {
          plan.emit({ kind: "data", offset, bytes });
          if (plan.isFull) yield plan.take();
        }
      plan.emit(file);
    }
    if (plan.isFull) yield plan.take();
  }
  plan.end();
}

async function* planEnd(plan: Plan): Batches {
  for (const operation of plan.finish()) {
    plan.emit(operation);
    if (plan.isFull) yield plan.take();
  }
  if (!plan.isEmpty) yield plan.take();
}

const entriesLimit = 2_000_000;
