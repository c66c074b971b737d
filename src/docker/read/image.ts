/** Images in documents → images as the engine tells of them: the inverse of inspect/image.ts and image-summary.ts. */

import { BrigError } from "../../base/errors.ts";
import type { ImageInfo } from "../../engine/container/info.ts";
import type { HistoryStep } from "../../engine/image/history.ts";
import type { ImageDetails } from "../../engine/image/list.ts";
import type { Removal } from "../../engine/image/removal.ts";
import { containerDefaults, type ImageConfig } from "../../spec/image/config.ts";
import { text, whole } from "../../spec/schema/scalars.ts";
import { list, looseObject, omitEmpty, optional, record, type Schema } from "../../spec/schema/schema.ts";

const word = omitEmpty(text);
const anything = ((value: unknown) => value) as Schema<unknown>;

export const imageSummaries = list(
  looseObject({
    Id: text,
    RepoTags: optional(list(text)),
    RepoDigests: optional(list(text)),
    Created: optional(whole),
    Size: optional(whole),
    Labels: optional(record(text)),
  }),
);

/** Docker's of old have this in place of no name. */
const nameless = "<none>:<none>";

export function imageInfosOf(value: unknown, at: string): readonly ImageInfo[] {
  return imageSummaries(value, at).map(({ Id: id, RepoTags: names = [], Created = 0, Size = 0 }) => ({
    id,
    names: names.filter((name) => name !== nameless),
    created: Created * 1000,
    size: Size,
  }));
}

const imageDocument = looseObject({
  Id: text,
  RepoTags: optional(list(text)),
  RepoDigests: optional(list(text)),
  Comment: word,
  Created: word,
  Author: word,
  Architecture: word,
  Variant: word,
  Os: word,
  Size: optional(whole),
  Config: optional(anything),
  GraphDriver: optional(looseObject({ Name: word })),
  RootFS: optional(looseObject({ Type: word, Layers: optional(list(text)) })),
});

export function imageDetailsOf(value: unknown, at: string): ImageDetails {
  const document = imageDocument(value, at);
  const { Id: id, RepoTags: names = [], RepoDigests: digests = [] } = document;
  const config: ImageConfig = {
    ...(document.Created === undefined ? {} : { created: document.Created }),
    ...(document.Author === undefined ? {} : { author: document.Author }),
    ...(document.Architecture === undefined ? {} : { architecture: document.Architecture }),
    ...(document.Variant === undefined ? {} : { variant: document.Variant }),
    ...(document.Os === undefined ? {} : { os: document.Os }),
    config: containerDefaults(document.Config ?? {}, at),
    rootfs: {
      type: "layers",
      diff_ids: (document.RootFS?.Layers ?? []) as ImageConfig["rootfs"]["diff_ids"],
    },
  };
  return {
    id,
    names: names.filter((name) => name !== nameless),
    digest: digests[0]?.split("@")[1] ?? "",
    config,
    size: document.Size ?? 0,
    // Others have more drivers.
    driver: (document.GraphDriver?.Name ?? "") as ImageDetails["driver"],
  };
}

const historySteps = list(
  looseObject({ Id: word, Created: optional(whole), CreatedBy: word, Comment: word, Size: optional(whole) }),
);

export function historyOf(value: unknown, at: string): readonly HistoryStep[] {
  return historySteps(value, at).map(({ Id, Created = 0, CreatedBy = "", Comment = "", Size = 0 }) => ({
    ...(Id === undefined || Id === "<missing>" ? {} : { id: Id }),
    ...(Created > 0 ? { created: Created * 1000 } : {}),
    createdBy: CreatedBy,
    comment: Comment,
    size: Size,
  }));
}

const removals = list(looseObject({ Untagged: word, Deleted: word }));

export function removalsOf(value: unknown, at: string): readonly Removal[] {
  return removals(value ?? [], at).map(({ Untagged, Deleted }): Removal => {
    if (Untagged !== undefined) return { kind: "untagged", what: Untagged };
    if (Deleted !== undefined) return { kind: "deleted", what: Deleted };
    throw new BrigError("unavailable", `${at} tells of a removal of nothing`);
  });
}
