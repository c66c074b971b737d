/** An image once for each of its names, as lists show it. */

import type { ImageInfo } from "../engine/container/info.ts";
import { familiarName, parseReference } from "../spec/reference.ts";

export interface ImageRow {
  readonly image: ImageInfo;
  readonly repository: string;
  readonly tag: string;
}

/** An image without a name has one row, too. */
export function imageRows(image: ImageInfo): readonly ImageRow[] {
  if (image.names.length === 0) return [{ image, repository: "<none>", tag: "<none>" }];
  return image.names.map((name) => {
    const reference = parseReference(name);
    return { image, repository: familiarName(reference), tag: reference.tag ?? "<none>" };
  });
}
