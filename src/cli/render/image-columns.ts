/** The columns of `images`, by the names that `--format` knows them by. A row is one name of an image. */

import { shortIdLength } from "../../base/ids.ts";
import { humanSize } from "../../base/units.ts";
import type { ImageInfo } from "../../engine/container/info.ts";
import { familiarName, parseReference } from "../../spec/reference.ts";
import type { Columns } from "../terminal/format.ts";
import { humanAge } from "../terminal/time.ts";
import { columnTime } from "./timestamp.ts";

export interface ImageRow {
  readonly image: ImageInfo;
  readonly repository: string;
  readonly tag: string;
}

/** The age of an image whose config names no time, or 1970 so that its bytes are the same every time. */
const unknown = "N/A";

export const imageTable = ["Repository", "Tag", "ID", "CreatedSince", "Size"] as const;
export const imageTableWithDigests = ["Repository", "Tag", "Digest", "ID", "CreatedSince", "Size"] as const;

/** An image without a name has one row, too. */
export function imageRows(image: ImageInfo): readonly ImageRow[] {
  if (image.names.length === 0) return [{ image, repository: "<none>", tag: "<none>" }];
  return image.names.map((name) => {
    const reference = parseReference(name);
    return { image, repository: familiarName(reference), tag: reference.tag ?? "<none>" };
  });
}

/** `full`: nothing is shortened. `now` in milliseconds since 1970. */
export function imageColumns(
  full: boolean,
  now: number,
  digestOf: (image: ImageInfo) => string,
): Columns<ImageRow> {
  return {
    CreatedAt: {
      title: "CREATED AT",
      text: ({ image }) => (image.created > 0 ? columnTime(image.created) : unknown),
    },
    CreatedSince: {
      title: "CREATED",
      text: ({ image }) => (image.created > 0 ? humanAge(image.created, now) : unknown),
    },
    Digest: { title: "DIGEST", text: ({ image }) => digestOf(image) },
    ID: { title: "IMAGE ID", text: ({ image }) => (full ? image.id : shortId(image.id)) },
    Repository: { title: "REPOSITORY", text: ({ repository }) => repository },
    Size: { title: "SIZE", text: ({ image }) => humanSize(image.size) },
    Tag: { title: "TAG", text: ({ tag }) => tag },
  };
}

/** "sha256:0123456789abcdef…" → "0123456789ab" */
export function shortId(id: string): string {
  return id.slice(id.indexOf(":") + 1).slice(0, shortIdLength);
}
