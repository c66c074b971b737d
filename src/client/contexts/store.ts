/**
 * Contexts: names for engines that are elsewhere, with what is needed to be let in there. Each is a folder below the
 * user's settings, `contexts/NAME`, with `meta.json` as Docker writes it and `tls/ca.pem`, `cert.pem`, `key.pem`, which
 * nobody else may read. A context appears, changes and disappears whole.
 */

import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BrigError } from "../../base/errors.ts";
import type { TlsMaterial } from "../dial/tls.ts";
import { formatMeta, parseMeta } from "./meta.ts";

export interface StoredContext {
  readonly name: string;
  readonly description: string;
  /** A URL. */
  readonly host: string;
  readonly tls?: TlsMaterial | undefined;
}

/** Longer ones are no names. */
const nameLength = 128;

/** What a key or a chain of certificates may have. */
export const materialLimit = 1024 * 1024;

export const materials = ["ca", "cert", "key"] as const;
export type Material = (typeof materials)[number];

/** The engine of this host, which is always there. */
const reserved = "default";

export function checkContextName(name: string): string {
  const invalid = (reason: string) => new BrigError("invalid", reason, { code: "invalid-name" });
  if (name === "") throw invalid("context name cannot be empty");
  if (name === reserved) throw invalid('"default" is a reserved context name');
  if (name.length > nameLength || !/^[a-zA-Z0-9][a-zA-Z0-9_.+-]+$/.test(name))
    throw invalid(
      `context name ${JSON.stringify(name.slice(0, nameLength))} is invalid, names are validated against regexp "^[a-zA-Z0-9][a-zA-Z0-9_.+-]+$"`,
    );
  return name;
}

const folderOf = (settings: string, name: string): string => join(settings, "contexts", name);
const tlsFolder = (settings: string, name: string): string => join(folderOf(settings, name), "tls");

/** Where a context's files are, for whoever wants to look. */
export function contextPaths(settings: string, name: string) {
  return { metadata: join(folderOf(settings, name), "meta.json"), tls: tlsFolder(settings, name) };
}

/** By name. */
export function contextNames(settings: string): readonly string[] {
  try {
    // What begins with a dot is being made, or removed.
    return readdirSync(join(settings, "contexts"))
      .filter((name) => !name.startsWith("."))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

export const hasContext = (settings: string, name: string): boolean => contextNames(settings).includes(name);

/** Throws `not-found`. */
export function readContext(settings: string, name: string): StoredContext {
  const { metadata } = contextPaths(settings, checkContextName(name));
  let text: string;
  try {
    text = readFileSync(metadata, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
    throw new BrigError("not-found", `context "${name}": context not found`, {
      code: "no-such-context",
      cause,
    });
  }
  const { description, host, skipVerify } = parseMeta(text, metadata);
  const found = materials.flatMap((kind) => {
    const bytes = readMaterial(settings, name, kind);
    return bytes === undefined ? [] : [[kind, bytes] as const];
  });
  const wanted = found.length > 0 || skipVerify;
  const tls: TlsMaterial = { ...Object.fromEntries(found), ...(skipVerify ? { skipVerify } : {}) };
  return { name, description, host, ...(wanted ? { tls } : {}) };
}

function readMaterial(settings: string, name: string, kind: Material): Uint8Array | undefined {
  try {
    return readFileSync(join(tlsFolder(settings, name), `${kind}.pem`));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Makes it, or puts it in the place of the one with its name. */
export function writeContext(settings: string, context: StoredContext): void {
  const { name, tls = {} } = context;
  const folder = folderOf(settings, checkContextName(name));
  const draft = `.${name}.${crypto.randomUUID()}`;
  const made = folderOf(settings, draft);
  try {
    mkdirSync(join(made, "tls"), { recursive: true, mode: 0o700 });
    writeFileSync(join(made, "meta.json"), formatMeta(context), { mode: 0o600 });
    for (const kind of materials) {
      const bytes = tls[kind];
      if (bytes) writeFileSync(join(made, "tls", `${kind}.pem`), bytes, { mode: 0o600 });
    }
    if (hasContext(settings, name)) discard(settings, name);
    renameSync(made, folder);
  } catch (error) {
    rmSync(made, { recursive: true, force: true });
    throw error;
  }
}

export function removeContext(settings: string, name: string): void {
  if (!hasContext(settings, checkContextName(name)))
    throw new BrigError("not-found", `context "${name}": not found`, { code: "no-such-context" });
  discard(settings, name);
}

/** Gone at once, and then its files. */
function discard(settings: string, name: string): void {
  const away = folderOf(settings, `.${name}.${crypto.randomUUID()}`);
  renameSync(folderOf(settings, name), away);
  rmSync(away, { recursive: true, force: true });
}

/** Names the context that is used where nothing else is said; `file` is what names it. */
export function putInUse(settings: string, file: string, name: string): void {
  const path = join(settings, file);
  if (name === reserved) {
    try {
      unlinkSync(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
    return;
  }
  readContext(settings, name);
  const draft = `${path}.${crypto.randomUUID()}`;
  writeFileSync(draft, `${name}\n`, { mode: 0o600 });
  renameSync(draft, path);
}
