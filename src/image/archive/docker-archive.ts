/**
 * Archives of `docker save`: `manifest.json` names the config and the layers of each image. Layers are plain tar
 * files as a rule, under any name, and may be links to each other.
 *
 * moby, image/spec/v1.2.md. There is no manifest with digests in such an archive, so one is made.
 */

import { BrigError } from "../../base/errors.ts";
import {
  type ArchiveImage,
  archiveManifestFile,
  archiveManifestLimit,
  parseArchiveManifest,
} from "../../spec/image/archive.ts";
import { imageConfigLimit, parseImageConfig } from "../../spec/image/config.ts";
import { ociConfig, ociManifest } from "../../spec/image/media-types.ts";
import { formatReference, parseReference, withDefaultTag } from "../../spec/reference.ts";
import { formatJson } from "../../spec/schema/json.ts";
import { quote } from "../../spec/schema/schema.ts";
import { commitBlob, ingestBlob, type StagedBlob } from "../store/ingest.ts";
import type { Lease } from "../store/lease.ts";
import { commitLayer, type LayerBlob } from "./layer-blob.ts";
import type { LoadedImage } from "./load.ts";
import { missingFile, readStagedText, type StagedFiles } from "./staged-files.ts";

export async function readDockerArchive(lease: Lease, files: StagedFiles): Promise<readonly LoadedImage[]> {
  const images = parseArchiveManifest(files.text(archiveManifestFile, archiveManifestLimit));
  const layers = new Map<StagedBlob, LayerBlob>();
  const loaded: LoadedImage[] = [];
  for (const image of images) loaded.push(await readImage(lease, files, layers, image));
  return loaded;
}

async function readImage(
  lease: Lease,
  files: StagedFiles,
  done: Map<StagedBlob, LayerBlob>,
  image: ArchiveImage,
): Promise<LoadedImage> {
  const names = (image.RepoTags ?? []).map((tag) => formatReference(withDefaultTag(parseReference(tag))));
  const configFile = found(files, image.Config);
  const config = parseImageConfig(readStagedText(configFile, image.Config, imageConfigLimit), image.Config);
  const { diff_ids: diffIds } = config.rootfs;
  if (diffIds.length !== image.Layers.length)
    throw new BrigError(
      "invalid",
      `cannot read the archive: ${quote(image.Config)} has ${diffIds.length} diff_ids for ${image.Layers.length} layers`,
      { code: "layer-mismatch" },
    );
  const layers: LayerBlob[] = [];
  for (const [at, name] of image.Layers.entries()) {
    const staged = found(files, name);
    const layer = done.get(staged) ?? (await commitLayer(lease, staged, diffIds[at]));
    // Committed for another image, or another place in this one: it need not be what this place wants.
    if (layer.diffId !== diffIds[at]) throw wrongLayer(name);
    done.set(staged, layer);
    layers.push(layer);
  }
  const blob = await commitBlob(lease, configFile);
  const manifest = {
    schemaVersion: 2,
    mediaType: ociManifest,
    config: { mediaType: ociConfig, ...blob },
    layers: layers.map((layer) => layer.descriptor),
  };
  const target = {
    mediaType: ociManifest,
    ...(await ingestBlob(lease, [Buffer.from(formatJson(manifest))])),
  };
  return { names, target, id: blob.digest };
}

function found(files: StagedFiles, name: string): StagedBlob {
  const file = files.find(name);
  if (file === undefined) throw missingFile(name);
  return file;
}

function wrongLayer(name: string): BrigError {
  return new BrigError("invalid", `cannot use the layer ${quote(name)}: it does not match its diff id`, {
    code: "diff-id-mismatch",
  });
}
