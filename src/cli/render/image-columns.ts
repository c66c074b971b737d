/** The columns of `images`, by the names that `--format` knows them by. A row is one name of an image. */

import { shortIdLength } from "../../base/ids.ts";
import { humanSize } from "../../base/units.ts";
import { humanAge } from "../../docker/human-time.ts";
import type { ImageRow } from "../../docker/image-rows.ts";
import { columnTime } from "../../docker/timestamp.ts";
import type { ImageInfo } from "../../engine/container/info.ts";
import type { Columns } from "../terminal/format.ts";

/** The age of an image whose config names no time, or 1970 so that its bytes are the same every time. */
const unknown = "N/A";

export const imageTable = ["Repository", "Tag", "ID", "CreatedSince", "Size"] as const;
export const imageTableWithDigests = ["Repository", "Tag", "Digest", "ID", "CreatedSince", "Size"] as const;

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
