/**
 * What a container has changed: its own layer of the overlay (`upper`) against the image (`lower`, merged).
 *
 * As Docker tells it: a directory has changed when its mode or owner has or when something in it has; what has been
 * removed with its directory is not told again. Whiteouts, opaque directories and redirects: overlayfs.rst.
 */

import type { Pipeline } from "../../kernel/executor/pipeline.ts";
import { CallList, callNumbers, pointer1 } from "../../kernel/program/call-list.ts";
import type { ByteString } from "../tar/byte-string.ts";
import { below } from "./path.ts";
import { type FoundFile, TreeReader } from "./reader.ts";
import type { Side } from "./side.ts";
import type { FileStat } from "./stat.ts";

export type ChangeKind = "modified" | "added" | "deleted";

/** A path that a container has changed of its image. */
export interface Change {
  readonly kind: ChangeKind;
  /** Absolute, in the container. */
  readonly path: ByteString;
}

const numbers = callNumbers("fgetxattr");
const [ENODATA, EOPNOTSUPP] = [61, 95] as const;
const redirectSize = 4096;
const capabilitySize = 64;

/** Sorted by path. */
export async function changesOf(pipeline: Pipeline, upper: Side, lower: Side): Promise<readonly Change[]> {
  const comparison = new Comparison(pipeline, upper, lower);
  await comparison.folder(".", ".", false);
  return comparison.changes.sort((a, b) => (a.path < b.path ? -1 : 1));
}

class Comparison {
  readonly changes: Change[] = [];
  readonly #pipeline: Pipeline;
  readonly #upper: Side;
  readonly #own: TreeReader;
  readonly #image: TreeReader;

  constructor(pipeline: Pipeline, upper: Side, lower: Side) {
    this.#pipeline = pipeline;
    this.#upper = upper;
    this.#own = new TreeReader(pipeline, upper);
    this.#image = new TreeReader(pipeline, lower);
  }

  /**
   * Compares a directory of the container's layer with the image's at the same path, and reads along what it shows of
   * the image's at `behind`; undefined where it shows nothing.
   */
  async folder(path: string, behind: string | undefined, isNew: boolean): Promise<void> {
    const [files] = await this.#own.list([{ path, mountRoot: false }]);
    const names = files!.map(({ name }) => name);
    const image = isNew ? none : await this.#image.look(path, names);
    for (const file of files!) await this.#file(file, path, behind, image.get(file.name));
    const hidden = behind !== path;
    if (hidden && !isNew) await this.#hidden(path, behind, new Set(names));
    if (hidden && behind !== undefined) await this.#shown(path, behind, new Set(names));
  }

  async #file(
    { name, stat }: FoundFile,
    folder: string,
    behind: string | undefined,
    before: FileStat | undefined,
  ): Promise<void> {
    const path = below(folder, name);
    if (isWhiteout(stat)) {
      if (before) this.#tell("deleted", path);
      return;
    }
    if (before === undefined) this.#tell("added", path);
    const told = this.changes.length;
    if (stat.kind === "directory") {
      const wasDirectory = before?.kind === "directory";
      const attributes = await this.#bookkeeping(path);
      const usual = behind === undefined ? undefined : below(behind, name);
      await this.folder(path, sourceOf(attributes, behind, usual), !wasDirectory);
    }
    if (before === undefined) return;
    const inside = this.changes.length > told;
    if (inside || differ(stat, before)) this.#tell("modified", path);
  }

  /** What the image has there and a directory made anew does not show. */
  async #hidden(path: string, behind: string | undefined, names: ReadonlySet<string>): Promise<void> {
    const [files] = await this.#image.list([{ path, mountRoot: false }]);
    const [shown] =
      behind === undefined ? [[]] : await this.#image.list([{ path: behind, mountRoot: false }]);
    const kept = new Set([...names, ...shown!.map(({ name }) => name)]);
    for (const { name } of files!) if (!kept.has(name)) this.#tell("deleted", below(path, name));
  }

  /** What a directory that was renamed has brought along. */
  async #shown(path: string, behind: string, names: ReadonlySet<string>): Promise<void> {
    const [files] = await this.#image.list([{ path: behind, mountRoot: false }]);
    for (const { name, stat } of files!) {
      if (names.has(name)) continue;
      this.#tell("added", below(path, name));
      if (stat.kind === "directory") await this.#shown(below(path, name), below(behind, name), new Set());
    }
  }

  async #bookkeeping(path: string): Promise<Bookkeeping> {
    const list = new CallList();
    this.#pipeline.begin(list);
    const slot = this.#upper.folders.slot(list, path);
    const ask = (name: string, size: number) => {
      const index = list.call(numbers.fgetxattr, pointer1, slot, list.text(name), 0, size);
      list.answerBuffer(2, size);
      for (const errno of [ENODATA, EOPNOTSUPP]) list.forgive(errno);
      return index;
    };
    const [opaque, redirect] = [
      ask("trusted.overlay.opaque", capabilitySize),
      ask("trusted.overlay.redirect", redirectSize),
    ];
    const answers = new Map((await this.#pipeline.send(list)).map((answer) => [answer.index, answer.bytes]));
    return {
      opaque: answers.get(opaque)?.toString("latin1") === "y",
      redirect: answers.get(redirect)?.toString("latin1") ?? "",
    };
  }

  #tell(kind: ChangeKind, path: string): void {
    this.changes.push({ kind, path: `/${path}` as ByteString });
  }
}

interface Bookkeeping {
  readonly opaque: boolean;
  readonly redirect: string;
}

/** Where in the image a directory's other entries come from: a redirect is a name beside it, or a path of the image. */
function sourceOf(
  { opaque, redirect }: Bookkeeping,
  folder: string | undefined,
  usual: string | undefined,
): string | undefined {
  if (opaque) return undefined;
  if (redirect.startsWith("/")) return redirect.slice(1);
  if (redirect !== "") return folder === undefined ? undefined : below(folder, redirect);
  return usual;
}

const none: ReadonlyMap<string, FileStat> = new Map();

function isWhiteout({ kind, device }: FileStat): boolean {
  return kind === "character-device" && device.major === 0 && device.minor === 0;
}

/** Of a directory neither size nor times count: they follow from what is in it. */
export function differ(now: FileStat, before: FileStat): boolean {
  if (
    now.kind !== before.kind ||
    now.mode !== before.mode ||
    now.uid !== before.uid ||
    now.gid !== before.gid
  )
    return true;
  if (now.kind === "directory") return false;
  return (
    now.size !== before.size ||
    now.mtime.seconds !== before.mtime.seconds ||
    now.mtime.nanoseconds !== before.mtime.nanoseconds ||
    now.device.major !== before.device.major ||
    now.device.minor !== before.device.minor
  );
}
