/**
 * How blobs get into the store: written to a file of their own while they are hashed, then linked to their name.
 *
 * Staging and committing are two steps, because an archive says only at its end which of its files are blobs.
 */

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { type FileHandle, link, open, rm, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { BrigError } from "../../base/errors.ts";
import type { Digest, HostPath } from "../../base/ids.ts";
import { withIndexLock } from "./lock.ts";
import { blobFile, type ImageStore, ingestFolder, prepareStore } from "./store.ts";

export interface StoredBlob {
  readonly digest: Digest;
  readonly size: number;
}

/** A blob that is written but not yet named. It belongs to the caller, who may commit it, and discards it. */
export interface StagedBlob extends StoredBlob {
  readonly file: HostPath;
}

/** What is known of a blob before it comes. */
export interface Expected {
  readonly digest?: Digest;
  readonly size?: number;
}

/** Stores a blob; refuses it when it is not what was expected. Storing what is there already costs no space. */
export async function ingestBlob(
  store: ImageStore,
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  expected: Expected = {},
): Promise<StoredBlob> {
  const staged = await stageBlob(store, source, expected);
  try {
    return await commitBlob(store, staged);
  } finally {
    await discardBlob(staged);
  }
}

/** Writes a blob to the staging area. On failure nothing of it is left. */
export async function stageBlob(
  store: ImageStore,
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  expected: Expected = {},
): Promise<StagedBlob> {
  prepareStore(store);
  const file = join(ingestFolder(store), Buffer.from(store.random(16)).toString("hex")) as HostPath;
  const handle = await open(file, "wx", 0o600);
  try {
    const staged = { file, ...(await writeHashed(handle, source, expected)) };
    await handle.close();
    return staged;
  } catch (error) {
    await handle.close().catch(() => undefined);
    await rm(file, { force: true });
    throw error;
  }
}

/** Gives a staged blob its name, once it is on disk. The staged file stays, for whoever reads it, until discarded. */
export async function commitBlob(store: ImageStore, { file, digest, size }: StagedBlob): Promise<StoredBlob> {
  const target = blobFile(store, digest);
  if (!(await renewed(store, target))) {
    await synced(file);
    await linked(file, target);
    await synced(dirname(target));
  }
  return { digest, size };
}

/** The content of a staged blob whose size the caller has looked at. */
export function readStaged({ file }: StagedBlob): Buffer {
  return readFileSync(file);
}

export async function discardBlob({ file }: StagedBlob): Promise<void> {
  await rm(file, { force: true });
}

/** Writing one chunk goes on while the next is waited for and hashed. */
async function writeHashed(
  handle: FileHandle,
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  expected: Expected,
): Promise<StoredBlob> {
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
      hash.update(chunk);
      await writing;
      writing = writeAll(handle, chunk, size - chunk.length);
      writing.catch(() => undefined);
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

/** Another process may have stored the same blob in the meantime. */
async function linked(file: HostPath, target: HostPath): Promise<void> {
  try {
    await link(file, target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

function mismatch(reason: string): BrigError {
  return new BrigError("invalid", `cannot store the blob: ${reason}`, { code: "blob-mismatch" });
}

/**
 * Whether the blob is there already; its age then starts anew, so that garbage collection leaves it alone until it
 * is referred to. Under the lock, because collection looks at the age and removes under the lock too.
 */
async function renewed(store: ImageStore, target: HostPath): Promise<boolean> {
  if (!existsSync(target)) return false;
  return withIndexLock(store, async () => {
    if (!existsSync(target)) return false;
    const time = new Date(store.now());
    await utimes(target, time, time);
    return true;
  });
}

/** fsync(2) of a file, or of a folder after a rename: without the latter a crash may lose the new name. */
export async function synced(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
