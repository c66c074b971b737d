/** The steps that an image was made of, the newest first. */

import type { EngineHost } from "../host.ts";
import { findImage } from "./find.ts";

/** A step that an image was made by. */
export interface HistoryStep {
  /** The image itself is its newest step; those before it have no id here. */
  readonly id?: string;
  /** Milliseconds since the epoch; absent where the image does not say. */
  readonly created?: number;
  readonly createdBy: string;
  readonly comment: string;
  /** Bytes of the layer that the step added. */
  readonly size: number;
}

export function imageHistory(host: EngineHost, reference: string): readonly HistoryStep[] {
  const { image } = findImage(host, reference);
  const layers = image.layers.map(({ layer }) => Number(layer.size));
  const steps = (image.config.history ?? []).map((step): HistoryStep => {
    const { created, created_by: createdBy = "", comment = "" } = step;
    return {
      ...(created === undefined ? {} : { created: Date.parse(created) }),
      createdBy,
      comment,
      size: step.empty_layer ? 0 : (layers.shift() ?? 0),
    };
  });
  return steps.reverse().map((step, i) => (i === 0 ? { ...step, id: image.id } : step));
}
