/** A layer as it came in an archive, as a blob of the store: verified, and in a form that image-spec knows. */

import { createHash } from "node:crypto";
import { BrigError } from "../../base/errors.ts";
import type { Digest } from "../../base/ids.ts";
import type { Descriptor } from "../../spec/image/descriptor.ts";
import { ociLayer } from "../../spec/image/media-types.ts";
import { decompress } from "../compression/decompress.ts";
import { type Compression, detectCompression, magicLength } from "../compression/detect.ts";
import { layerLimit } from "../layers/unpack.ts";
import { commitBlob, type StagedBlob, type StoredBlob, stageBlob } from "../store/ingest.ts";
import type { Lease } from "../store/lease.ts";
import { fileChunks, fileHead } from "../stream/file.ts";
import { readTar } from "../tar/read.ts";

export interface LayerBlob {
  readonly descriptor: Descriptor;
  readonly diffId: Digest;
}

/** What image-spec has a media type for; other compressions are undone. */
const suffixes: Readonly<Partial<Record<Compression, string>>> = { none: "", gzip: "+gzip", zstd: "+zstd" };

/** Stores a staged layer; refuses one whose content is not `expected`. */
export async function commitLayer(lease: Lease, staged: StagedBlob, expected?: Digest): Promise<LayerBlob> {
  const compression = await compressionOf(staged);
  const suffix = suffixes[compression];
  if (suffix !== undefined) {
    // A plain layer was hashed when it was staged.
    const diffId = compression === "none" ? staged.digest : await contentDigest(staged);
    verify(diffId, expected);
    return described(await commitBlob(lease, staged), suffix, diffId);
  }
  const plain = await stageBlob(lease, decompress(fileChunks(staged.file), limits));
  verify(plain.digest, expected);
  return described(await commitBlob(lease, plain), "", plain.digest);
}

/** Throws unless a staged file is a tar archive from beginning to end. */
export async function verifyTar({ file }: StagedBlob): Promise<void> {
  for await (const _ of readTar(decompress(fileChunks(file), limits)));
}

const limits = { limit: layerLimit, what: "the layer" } as const;

function described(blob: StoredBlob, suffix: string, diffId: Digest): LayerBlob {
  return { descriptor: { mediaType: ociLayer + suffix, ...blob }, diffId };
}

function verify(diffId: Digest, expected: Digest | undefined): void {
  if (expected !== undefined && diffId !== expected)
    throw new BrigError("invalid", `cannot use the layer: its content is ${diffId}, not ${expected}`, {
      code: "diff-id-mismatch",
    });
}

async function compressionOf({ file }: StagedBlob): Promise<Compression> {
  return detectCompression(await fileHead(file, magicLength));
}

async function contentDigest({ file }: StagedBlob): Promise<Digest> {
  const hash = createHash("sha256");
  for await (const chunk of decompress(fileChunks(file), limits)) hash.update(chunk);
  return `sha256:${hash.digest("hex")}` as Digest;
}
