/**
 * How blobs get into the store: written to a file of a lease while they are hashed, then linked to their name.
 *
 * Staging and committing are two steps, because an archive says only at its end which of its files are blobs.
 */

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { type FileHandle, link, open, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { BrigError } from "../../base/errors.ts";
import type { Digest, HostPath } from "../../base/ids.ts";
import { fileIn, type Lease } from "./lease.ts";
import { withIndexLock } from "./lock.ts";
import { blobFile } from "./store.ts";
import { synced } from "./synced.ts";

export interface StoredBlob {
  readonly digest: Digest;
  readonly size: number;
}

/** A blob that is written but not yet named. It is the caller's, who may commit it, until the lease ends. */
export interface StagedBlob extends StoredBlob {
  readonly file: HostPath;
  /** Puts it on the disk; of a large one that has begun already. */
  readonly flush: () => Promise<void>;
}

/** What is known of a blob before it comes. */
export interface Expected {
  readonly digest?: Digest;
  readonly size?: number;
}

type Source = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** Stores a blob; refuses it when it is not what was expected. Storing what is there already costs no space. */
export async function ingestBlob(lease: Lease, source: Source, expected: Expected = {}): Promise<StoredBlob> {
  return commitBlob(lease, await stageBlob(lease, source, expected));
}

/** Writes a blob to a file of the lease. On failure nothing of it is left. */
export async function stageBlob(lease: Lease, source: Source, expected: Expected = {}): Promise<StagedBlob> {
  const file = fileIn(lease);
  const handle = await open(file, "wx", 0o600);
  try {
    const blob = await writeHashed(handle, source, expected);
    if (blob.size < largeBlob) return { file, ...blob, flush: () => synced(file) };
    const flushing = synced(file);
    flushing.catch(() => undefined); // told to whoever commits
    return { file, ...blob, flush: () => flushing };
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
}

/** Gives a staged blob its name, once it is on disk; the lease holds it from then on. */
export async function commitBlob(lease: Lease, staged: StagedBlob): Promise<StoredBlob> {
  const { file, digest, size } = staged;
  const target = blobFile(lease.store, digest);
  while (!(await heldAlready(lease, target))) {
    await staged.flush();
    if (!(await linked(file, target, "EEXIST"))) continue; // another process was first
    await synced(dirname(target));
    break;
  }
  return { digest, size };
}

/** The content of a staged blob whose size the caller has looked at. */
export function readStaged({ file }: StagedBlob): Buffer {
  return readFileSync(file);
}

/** Before the end of the lease, for what takes space in vain; a blob that was committed is then held no more. */
export async function discardBlob({ file }: StagedBlob): Promise<void> {
  await rm(file, { force: true });
}

/** A layer, as a rule: its way to the disk begins at once, while the rest of the archive comes. */
const largeBlob = 1 << 20;

/** Writing one chunk goes on while the next is waited for and hashed. */
async function writeHashed(handle: FileHandle, source: Source, expected: Expected): Promise<StoredBlob> {
  const algorithm = expected.digest?.slice(0, expected.digest.indexOf(":")) ?? "sha256";
  const hash = createHash(algorithm);
  let size = 0;
  let writing: Promise<void> | undefined;
  try {
    for await (const chunk of source) {
      size += chunk.length;
      // A sender that does not stop must not fill the disk first and be checked afterwards.
      if (size > (expected.size ?? Number.POSITIVE_INFINITY))
        throw mismatch(`it is larger than ${expected.size} bytes`);
      await writing;
      writing = writeAll(handle, chunk, size - chunk.length);
      writing.catch(() => undefined);
      hash.update(chunk);
    }
  } finally {
    await writing;
  }
  const digest = `${algorithm}:${hash.digest("hex")}` as Digest;
  if (expected.size !== undefined && size !== expected.size)
    throw mismatch(`it has ${size} bytes instead of ${expected.size}`);
  if (expected.digest !== undefined && digest !== expected.digest)
    throw mismatch(`its digest is ${digest} instead of ${expected.digest}`);
  return { digest, size };
}

async function writeAll(handle: FileHandle, chunk: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < chunk.length; ) {
    const { bytesWritten } = await handle.write(chunk, done, chunk.length - done, at + done);
    done += bytesWritten;
  }
}

/**
 * Whether the blob is there, and then the lease holds it. Under the lock, because collection looks at leases and
 * removes under the lock too.
 */
async function heldAlready(lease: Lease, target: HostPath): Promise<boolean> {
  if (!existsSync(target)) return false;
  return withIndexLock(lease.store, () => linked(target, fileIn(lease), "ENOENT"));
}

/** False when linking fails so. */
async function linked(file: HostPath, target: HostPath, otherwise: "EEXIST" | "ENOENT"): Promise<boolean> {
  try {
    await link(file, target);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== otherwise) throw error;
    return false;
  }
}

function mismatch(reason: string): BrigError {
  return new BrigError("invalid", `cannot store the blob: ${reason}`, { code: "blob-mismatch" });
}
