/**
 * A context as one archive, in Docker's layout: `meta.json`, and `tls/docker/ca.pem`, `cert.pem` and `key.pem`. Whoever
 * made an archive may have meant ill: nothing in it is a path of ours, only these four names are read, each once and of
 * a bounded size; anything else refuses the whole.
 */

import { BrigError } from "../../base/errors.ts";
import type { TarEntry } from "../../image/tar/entry.ts";
import { plainHeader } from "../../image/tar/plain-header.ts";
import { readTar } from "../../image/tar/read.ts";
import { type NewEntry, writeTar } from "../../image/tar/write.ts";
import { endpointName, formatMeta, parseMeta } from "./meta.ts";
import { type Material, materialLimit, materials, type StoredContext } from "./store.ts";

/** Of the whole archive: four files, their headers and folders. */
const archiveLimit = 8 * materialLimit;

const tlsFolder = `tls/${endpointName}/`;
const folders = new Set(["tls", `tls/${endpointName}`]);

export function exportContext(context: StoredContext): AsyncGenerator<Uint8Array> {
  const { tls = {} } = context;
  const files = materials.flatMap((kind) => {
    const bytes = tls[kind];
    return bytes ? [fileEntry(`${tlsFolder}${kind}.pem`, bytes, 0o600)] : [];
  });
  return writeTar([
    fileEntry("meta.json", Buffer.from(formatMeta(context)), 0o644),
    ...(files.length > 0 ? [...folders].map(folderEntry) : []),
    ...files,
  ]);
}

/** The context that the archive holds, under another name. Throws for what is none. */
export async function importContext(
  name: string,
  archive: AsyncIterable<Uint8Array>,
): Promise<StoredContext> {
  const files = new Map<string, Uint8Array>();
  for await (const entry of readTar(bounded(archive))) {
    const { kind, path } = entry.header;
    const clean = path.replace(/^\.\//, "").replace(/\/$/, "");
    if (kind === "directory" && (folders.has(clean) || clean === "." || clean === "")) continue;
    if (kind !== "file" || !isKnown(clean)) throw refused(`it holds ${JSON.stringify(path.slice(0, 64))}`);
    if (files.has(clean)) throw refused(`it holds ${clean} twice`);
    files.set(clean, await contentOf(entry));
  }
  const meta = files.get("meta.json");
  if (!meta) throw refused("it has no meta.json");
  const { description, host, skipVerify } = parseMeta(Buffer.from(meta).toString("utf8"), "meta.json");
  const tls = materials.flatMap((kind) => {
    const bytes = files.get(`${tlsFolder}${kind}.pem`);
    return bytes ? [[kind, bytes] as const] : [];
  });
  const material = {
    ...(Object.fromEntries(tls) as Partial<Record<Material, Uint8Array>>),
    ...(skipVerify ? { skipVerify } : {}),
  };
  return { name, description, host, ...(Object.keys(material).length > 0 ? { tls: material } : {}) };
}

const isKnown = (path: string): boolean =>
  path === "meta.json" || materials.some((kind) => path === `${tlsFolder}${kind}.pem`);

async function contentOf({ header, body }: TarEntry): Promise<Uint8Array> {
  if (header.size > materialLimit) throw refused(`${header.path} is too large`);
  const chunks: Uint8Array[] = [];
  // A copy: the pieces are views of what is read next.
  for await (const chunk of body) chunks.push(Uint8Array.from(chunk));
  return Buffer.concat(chunks);
}

async function* bounded(archive: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of archive) {
    size += chunk.length;
    if (size > archiveLimit) throw refused("it is too large");
    yield chunk;
  }
}

function fileEntry(path: string, bytes: Uint8Array, mode: number): NewEntry {
  return { header: plainHeader("file", path, { size: bytes.length, mode }), body: [bytes] };
}

function folderEntry(path: string): NewEntry {
  return { header: plainHeader("directory", `${path}/`, { mode: 0o700 }) };
}

const refused = (reason: string): BrigError =>
  new BrigError("invalid", `cannot import the context: ${reason}`, { code: "bad-context" });
