/** How much the layers of an image hold, as `images` shows it: the bytes of the archives, uncompressed. */

import type { ResolvedImage } from "../../image/store/resolve.ts";
import type { EngineHost } from "../host.ts";

export function unpackedSize(_host: EngineHost, image: ResolvedImage): number {
  return image.layers.reduce((sum, { layer }) => sum + Number(layer.size), 0);
}
