/** The files of `docker save` archives: `manifest.json`, and `repositories` of before Docker 1.10. */

import { parseJson } from "../schema/json.ts";
import { text } from "../schema/scalars.ts";
import {
  fail,
  type Infer,
  list,
  object,
  omitEmpty,
  optional,
  quote,
  record,
  type Schema,
} from "../schema/schema.ts";
import { descriptor } from "./descriptor.ts";

export const archiveManifestFile = "manifest.json";
export const archiveRepositoriesFile = "repositories";

/** Greatest length of either: an archive may hold hundreds of images. */
export const archiveManifestLimit = 16 * 1024 * 1024;

/** The name of an entry of the archive; one that points outside is refused, whoever would open it. */
const entryName: Schema<string> = (value, at) => {
  const name = text(value, at);
  const safe =
    name !== "" && !name.startsWith("/") && !name.split("/").includes("..") && !name.includes("\0");
  return safe ? name : fail(at, `must be a path inside the archive, not ${quote(name)}`);
};

export const archiveImage = object({
  /** Entry with the image config; its name is the image id. */
  Config: entryName,
  /** Familiar references such as "busybox:latest". */
  RepoTags: optional(list(text)),
  /** Entries with the layers, the base first. */
  Layers: list(entryName),
  Parent: omitEmpty(text),
  /** By diff id: descriptors of foreign layers. */
  LayerSources: optional(record(descriptor)),
});

export interface ArchiveImage extends Infer<typeof archiveImage> {}

/** Repository → tag → id of the top layer. */
export type ArchiveRepositories = Readonly<Record<string, Readonly<Record<string, string>>>>;

export function parseArchiveManifest(json: string): readonly ArchiveImage[] {
  return parseJson(list(archiveImage), json, archiveManifestFile, archiveManifestLimit);
}

export function parseArchiveRepositories(json: string): ArchiveRepositories {
  return parseJson(record(record(text)), json, archiveRepositoriesFile, archiveManifestLimit);
}
