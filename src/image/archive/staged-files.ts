/**
 * The files of an archive of images, staged in the store as they come: the archive may be a pipe, its entries are in
 * any order, and only at its end is it known which of them are needed.
 */

import { posix } from "node:path";
import { BrigError } from "../../base/errors.ts";
import { parseDigest } from "../../base/ids.ts";
import { quote } from "../../spec/schema/schema.ts";
import { cleanPath } from "../layers/path.ts";
import { discardBlob, readStaged, type StagedBlob, stageBlob } from "../store/ingest.ts";
import type { Lease } from "../store/lease.ts";
import { displayText } from "../tar/byte-string.ts";
import type { TarEntry } from "../tar/entry.ts";
import { readTar } from "../tar/read.ts";

/** An archive of a hundred images of a hundred layers has a tenth of this. Each one costs a file here. */
const filesLimit = 200_000;

/** As in the kernel (MAXSYMLINKS). */
const linksLimit = 40;

export class StagedFiles {
  readonly #files = new Map<string, StagedBlob>();
  /** Name → name that it leads to. */
  readonly #links = new Map<string, string>();

  /** Stages every file of an uncompressed archive. They are there as long as the lease. */
  static async from(lease: Lease, archive: AsyncIterable<Uint8Array>): Promise<StagedFiles> {
    const staged = new StagedFiles();
    for await (const entry of readTar(archive)) await staged.#add(lease, entry);
    return staged;
  }

  has(name: string): boolean {
    return this.find(name) !== undefined;
  }

  /** The file of that name, by way of links; undefined when the archive has none. */
  find(name: string): StagedBlob | undefined {
    let at = name;
    for (let links = 0; links <= linksLimit; links++) {
      const file = this.#files.get(at);
      if (file !== undefined) return file;
      const next = this.#links.get(at);
      if (next === undefined) return undefined;
      at = next;
    }
    throw new BrigError("invalid", `cannot read the archive: ${quote(name)} leads through too many links`);
  }

  /** The content of a JSON file, which must be there. */
  text(name: string, limit: number): string {
    const file = this.find(name);
    if (file === undefined) throw missingFile(name);
    return readStagedText(file, name, limit);
  }

  async #add(lease: Lease, entry: TarEntry): Promise<void> {
    const { kind, path, linkPath } = entry.header;
    const name = cleanPath(path).map(displayName).join("/");
    if (kind === "directory") return;
    if (this.#files.size + this.#links.size >= filesLimit)
      throw new BrigError("invalid", `cannot read the archive: it has more than ${filesLimit} files`);
    await this.#forget(name);
    if (kind === "file") {
      const digest = parseDigest(name.replace(/^blobs\/(\w+)\//, "$1:"));
      this.#files.set(name, await stageBlob(lease, entry.body, digest === undefined ? {} : { digest }));
    } else if (kind === "hard-link" || kind === "symbolic-link") {
      this.#links.set(name, linkedName(name, kind, displayText(linkPath)));
    } else
      throw new BrigError("invalid", `cannot read the archive: ${quote(name)} is neither a file nor a link`);
  }

  /** The last entry of a name counts. */
  async #forget(name: string): Promise<void> {
    this.#links.delete(name);
    const earlier = this.#files.get(name);
    this.#files.delete(name);
    if (earlier !== undefined) await discardBlob(earlier);
  }
}

export function missingFile(name: string): BrigError {
  return new BrigError("invalid", `cannot read the archive: the file ${quote(name)} is missing`, {
    code: "incomplete-archive",
  });
}

/** Attack: gigabytes under the name of a manifest, to be read into memory. */
export function readStagedText(blob: StagedBlob, name: string, limit: number): string {
  if (blob.size > limit)
    throw new BrigError("invalid", `cannot read the archive: ${quote(name)} is larger than ${limit} bytes`);
  return readStaged(blob).toString("utf8");
}

/** A hard link names an entry, a symbolic link a file beside it; one that leads out of the archive is refused. */
function linkedName(name: string, kind: "hard-link" | "symbolic-link", target: string): string {
  const joined = kind === "hard-link" ? posix.normalize(target) : posix.join(posix.dirname(name), target);
  if (joined === ".." || joined.startsWith("../") || (kind === "symbolic-link" && target.startsWith("/")))
    throw new BrigError("invalid", `cannot read the archive: the link ${quote(name)} leads out of it`);
  return joined;
}

function displayName(component: string): string {
  return displayText(component as Parameters<typeof displayText>[0]);
}
