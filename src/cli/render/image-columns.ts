/** The columns of `images`, by the names that `--format` knows them by. A row is one name of an image. */

import { shortIdLength } from "../../base/ids.ts";
import { humanSize } from "../../base/units.ts";
import type { ImageSummary } from "../../docker/documents/documents.ts";
import { humanAge } from "../../docker/human-time.ts";
import type { ImageRow } from "../../docker/image-rows.ts";
import { columnTime } from "../../docker/timestamp.ts";
import type { Columns } from "../terminal/format.ts";

/** The age of an image whose config names no time, or 1970 so that its bytes are the same every time. */
const unknown = "N/A";

export const imageTable = ["Repository", "Tag", "ID", "CreatedSince", "Size"] as const;
export const imageTableWithDigests = ["Repository", "Tag", "Digest", "ID", "CreatedSince", "Size"] as const;

/** `full`: nothing is shortened. `now` in milliseconds since 1970. */
export function imageColumns(full: boolean, now: number): Columns<ImageRow<ImageSummary>> {
  return {
    CreatedAt: {
      title: "CREATED AT",
      text: ({ image: { Created } }) => (Created > 0 ? columnTime(Created * 1000) : unknown),
    },
    CreatedSince: {
      title: "CREATED",
      text: ({ image: { Created } }) => (Created > 0 ? humanAge(Created * 1000, now) : unknown),
    },
    Digest: { title: "DIGEST", text: digestText },
    ID: { title: "IMAGE ID", text: ({ image: { Id } }) => (full ? Id : shortId(Id)) },
    Repository: { title: "REPOSITORY", text: ({ repository }) => repository },
    Size: { title: "SIZE", text: ({ image: { Size } }) => humanSize(Size) },
    Tag: { title: "TAG", text: ({ tag }) => tag },
  };
}

/** That of the row's repository: an image has one for each of its own. */
function digestText({ image: { RepoDigests }, repository }: ImageRow<ImageSummary>): string {
  return (
    RepoDigests.find((name) => name.startsWith(`${repository}@`))?.slice(repository.length + 1) ?? "<none>"
  );
}

/** "sha256:0123456789abcdef…" → "0123456789ab" */
export function shortId(id: string): string {
  return id.slice(id.indexOf(":") + 1).slice(0, shortIdLength);
}
