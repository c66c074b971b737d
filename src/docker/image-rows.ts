/** An image once for each of its names, as lists show it. */

import { familiarName, parseReference } from "../spec/reference.ts";

export interface ImageRow<Image> {
  readonly image: Image;
  /** As the image has it; empty for one without a name. */
  readonly name: string;
  readonly repository: string;
  readonly tag: string;
}

/** An image without a name has one row, too. */
export function imageRows<Image>(image: Image, names: readonly string[]): readonly ImageRow<Image>[] {
  if (names.length === 0) return [{ image, name: "", repository: "<none>", tag: "<none>" }];
  return names.map((name) => {
    const reference = parseReference(name);
    return { image, name, repository: familiarName(reference), tag: reference.tag ?? "<none>" };
  });
}
