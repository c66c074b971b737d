/**
 * Which root of this host has which ids: a list in one file, since no root knows of the others, and the kernel does not
 * know of ids that a stopped container has. Whoever changes it holds the lock of `pool.ts`.
 *
 * Ids are taken from what systemd's list of conventions (UIDS-GIDS.md) leaves unused: above those of its own containers
 * and of any user that useradd gives subordinate ids, below 2^31, from where on some file systems and programs count
 * wrongly. A pool is a 63rd of it: there may be so many roots, or one of them may have all.
 */

import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { BrigError } from "../../base/errors.ts";
import { endOf, firstId, type IdRange, overlap, poolSize } from "./range.ts";

const area: IdRange = { first: firstId, size: 0x7ffe_0000 - firstId };

export interface Entry extends IdRange {
  /** The folder of the root. */
  readonly root: string;
}

/** The first pool that nobody has. Throws `exhausted`. */
export function choosePool(entries: readonly Entry[], facts: IdFacts): IdRange {
  for (let { first } = area; first + poolSize <= endOf(area); first += poolSize) {
    const pool = { first, size: poolSize };
    const given = [...entries, ...facts.subordinate].some((other) => overlap(other, pool));
    if (!given && facts.mapped.some((map) => map.first <= first && endOf(map) >= endOf(pool))) return pool;
  }
  throw new BrigError(
    "exhausted",
    `cannot lease host ids: none of ${area.first}-${endOf(area) - 1} are free on this host; remove containers with --userns, or what /etc/subuid and /etc/subgid give away there`,
    { code: "no-free-ids" },
  );
}

export interface IdFacts {
  /** What /etc/subuid and /etc/subgid give to users. */
  readonly subordinate: readonly IdRange[];
  /** What brig can map: less than all where it runs in a user namespace itself. */
  readonly mapped: readonly IdRange[];
}

export function readIdFacts(): IdFacts {
  const both = (read: (file: string) => readonly IdRange[], files: readonly string[]) => files.flatMap(read);
  const [uids = [], gids = []] = ["uid", "gid"].map((kind) => parseMap(textOf(`/proc/self/${kind}_map`)));
  return {
    subordinate: both((file) => parseSubordinate(textOf(file)), ["/etc/subuid", "/etc/subgid"]),
    mapped: uids.flatMap((a) => gids.map((b) => common(a, b))),
  };
}

function common(a: IdRange, b: IdRange): IdRange {
  const first = Math.max(a.first, b.first);
  return { first, size: Math.max(0, Math.min(endOf(a), endOf(b)) - first) };
}

/** subuid(5): `user:first:count` a line. */
export function parseSubordinate(text: string): readonly IdRange[] {
  return text.split("\n").flatMap((line) => {
    const [, first, size] = /^[^:#]+:(\d+):(\d+)\s*$/.exec(line) ?? [];
    return first === undefined ? [] : [{ first: Number(first), size: Number(size) }];
  });
}

/** user_namespaces(7): `inside outside count` a line. */
export function parseMap(text: string): readonly IdRange[] {
  return text.split("\n").flatMap((line) => {
    const [first, , size] = line.trim().split(/\s+/).map(Number);
    return size === undefined ? [] : [{ first: first!, size }];
  });
}

export function readLedger(path: string): readonly Entry[] {
  const text = textOf(path);
  if (text === "") return [];
  try {
    const entries: unknown = JSON.parse(text);
    if (Array.isArray(entries) && entries.every(isEntry)) return entries;
  } catch {
    // Told below.
  }
  throw new BrigError(
    "unavailable",
    `cannot lease host ids: ${path} is damaged; it lists what each root of brig has as [{"first":ID,"size":COUNT,"root":FOLDER}]`,
  );
}

/** Appears at once, and outlasts a power cut; there is none when nobody has anything. */
export function writeLedger(path: string, entries: readonly Entry[]): void {
  if (entries.length === 0) {
    rmSync(path, { force: true });
    return;
  }
  const draft = `${path}.new`;
  const file = openSync(draft, "w", 0o600);
  try {
    writeSync(file, `[\n${entries.map((entry) => `  ${JSON.stringify(entry)}`).join(",\n")}\n]\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(draft, path);
}

function isEntry(value: unknown): value is Entry {
  const { first, size, root } = (value ?? {}) as Record<string, unknown>;
  return Number.isSafeInteger(first) && Number.isSafeInteger(size) && typeof root === "string";
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}
