/**
 * From the entries of a layer's archive to operations in a jail, for a folder that overlayfs will stack.
 *
 * Rules: image-spec, layer.md; where it is silent, what Docker does. The last of several entries of one name
 * counts. A whiteout never hides an entry of its own layer. Directories get their times last, because each entry
 * in them changes the times.
 */

import type { ByteString } from "../tar/byte-string.ts";
import type { TarEntry, TarHeader } from "../tar/entry.ts";
import type { Attributes, Operation, Ownership } from "./jail.ts";
import { type Components, cleanPath, join, unusable } from "./path.ts";
import {
  type Directory,
  emptyDirectory,
  type Leaf,
  type Missing,
  type Node,
  type Place,
  walk,
} from "./tree.ts";
import { isMetadata, isReserved, whiteoutName } from "./whiteout.ts";
import { filterXattrs, type OverlayXattrs, opaqueXattr } from "./xattr-filter.ts";

export interface PlanOptions {
  readonly overlay: OverlayXattrs;
  /** In a user namespace nobody may make devices; they are then left out, as rootless engines do. */
  readonly devices: "make" | "skip";
}

/** Operations for the whole layer, in batches of a size that keeps both sides busy. */
export async function* planLayer(
  entries: AsyncIterable<TarEntry>,
  options: PlanOptions,
): AsyncGenerator<readonly Operation[], void, undefined> {
  const plan = new Plan(options);
  let count = 0;
  for await (const entry of entries) {
    // Attack: headers of empty files compress a hundredfold, and each one costs memory here and an inode there.
    if (++count > entriesLimit)
      throw unusable(entry.header.path, `the layer has more than ${entriesLimit} entries`);
    const file = plan.add(entry.header);
    if (file !== undefined) {
      plan.emit({ kind: "file", path: file.path });
      const whole = entry.whole();
      if (whole !== undefined) {
        if (whole.length > 0) plan.emit({ kind: "data", offset: 0, bytes: whole });
      } else
        for await (const { offset, bytes } of entry.extents) {
          plan.emit({ kind: "data", offset, bytes });
          if (plan.isFull) yield plan.take();
        }
      plan.emit(file);
    }
    if (plan.isFull) yield plan.take();
  }
  for (const operation of plan.finish()) {
    plan.emit(operation);
    if (plan.isFull) yield plan.take();
  }
  if (!plan.isEmpty) yield plan.take();
}

const entriesLimit = 2_000_000;
const batchOperations = 512;
const batchBytes = 1 << 20;

/** What ends a file. */
type SealOperation = Extract<Operation, { readonly kind: "seal" }>;

class Plan {
  readonly #options: PlanOptions;
  readonly #root: Directory = emptyDirectory();
  #operations: Operation[] = [];
  #bytes = 0;
  /** The folder of the previous entry: most often the next one's too. */
  #recent: { readonly folder: string; readonly place: Place } | undefined;

  constructor(options: PlanOptions) {
    this.#options = options;
  }

  get isFull(): boolean {
    return this.#operations.length >= batchOperations || this.#bytes >= batchBytes;
  }

  get isEmpty(): boolean {
    return this.#operations.length === 0;
  }

  emit(operation: Operation): void {
    this.#operations.push(operation);
    this.#bytes += weight(operation);
  }

  take(): readonly Operation[] {
    const taken = this.#operations;
    this.#operations = [];
    this.#bytes = 0;
    return taken;
  }

  /** Plans one entry. Of a file returns what is to come after its content. */
  add(header: TarHeader): SealOperation | undefined {
    const components = cleanPath(header.path);
    const base = components.at(-1);
    if (base === undefined) return this.#describeRoot(header);
    // Attack: `.wh.x/y` makes a folder that becomes a whiteout when the layer is written to an archive again.
    const own = isMetadata(components[0]!) ? 1 : 0;
    if (components.slice(own, -1).some(isReserved))
      throw unusable(header.path, "its folder has a reserved name");
    const place = this.#parent(components, header.path);
    const whiteout = own === 1 ? undefined : whiteoutName(base, header.path);
    if (whiteout === undefined) return this.#put(header, place, base);
    if (whiteout.kind === "opaque") place.directory.opaque = true;
    if (whiteout.kind === "whiteout") this.#hide(place, whiteout.name);
    return undefined;
  }

  /** What can be done only when every entry is there. */
  *finish(): Generator<Operation, void, undefined> {
    for (const name of [...this.#root.children.keys()]) {
      if (!isMetadata(name)) continue;
      yield { kind: "remove", path: name as ByteString };
      this.#root.children.delete(name);
    }
    const waiting: Place[] = [{ directory: this.#root, path: "." as ByteString }];
    for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
      const { directory, path } = place;
      for (const [name, child] of directory.children)
        if (child.kind === "directory") waiting.push({ directory: child, path: join(path, name) });
      const opaque = directory.opaque ? [opaqueXattr(this.#options.overlay)] : [];
      const xattrs = [...(directory.attributes?.xattrs ?? []), ...opaque];
      const times = directory.attributes?.times;
      if (times !== undefined || xattrs.length > 0) yield { kind: "finish", path, xattrs, times };
    }
  }

  #describeRoot(header: TarHeader): undefined {
    if (header.kind !== "directory") throw unusable(header.path, "the root of a layer is a directory");
    this.#root.attributes = attributesOf(header);
    this.emit({ kind: "ownership", path: "." as ByteString, owner: this.#root.attributes.owner });
  }

  #parent(components: Components, name: ByteString): Place {
    const folder = name.slice(0, name.lastIndexOf("/", name.length - 2) + 1);
    // Only where the rest of the name is the last component does its folder alone decide ("a/b//" is in "a").
    const known = name.slice(folder.length).replace(/\/$/, "") === components.at(-1);
    if (known && this.#recent?.folder === folder) return this.#recent.place;
    const place = walk(this.#root, components.slice(0, -1), name, this.#imply)!;
    if (known) this.#recent = { folder, place };
    return place;
  }

  /** A folder that has no entry of its own, or none yet. */
  readonly #imply: Missing = (parent, name, found) => {
    const directory = emptyDirectory();
    const path = join(parent.path, name);
    if (found !== undefined) {
      // The layer removes it and fills it anew: it must not let through what is below.
      this.emit({ kind: "remove", path });
      directory.opaque = true;
    }
    this.emit({ kind: "directory", path, owner: impliedOwner });
    parent.directory.children.set(name, directory);
    return directory;
  };

  #hide(place: Place, name: string): void {
    const found = place.directory.children.get(name);
    if (found?.kind === "directory") found.opaque = true;
    if (found !== undefined) return;
    place.directory.children.set(name, { kind: "whiteout" });
    this.emit({
      kind: "node",
      path: join(place.path, name),
      type: "character-device",
      device: { major: 0, minor: 0 },
      attributes: { owner: { uid: 0, gid: 0, mode: 0 }, xattrs: [], times: { atime: epoch, mtime: epoch } },
    });
  }

  #put(header: TarHeader, place: Place, base: string): SealOperation | undefined {
    if (header.kind === "directory") return this.#putDirectory(header, place, base);
    const isDevice = header.kind === "character-device" || header.kind === "block-device";
    if (isDevice && this.#options.devices === "skip") return undefined;
    const path = join(place.path, base);
    if (header.kind === "hard-link") return this.#putHardLink(header, place, base, path);
    this.#clear(place, base, path);
    const attributes = attributesOf(header);
    const node: Node =
      header.kind === "symbolic-link"
        ? { kind: "link", target: header.linkPath }
        : { kind: "leaf", attributes };
    place.directory.children.set(base, node);
    switch (header.kind) {
      case "file":
        return { kind: "seal", path, size: header.size, attributes };
      case "symbolic-link":
        this.emit({ kind: "symbolic-link", path, target: header.linkPath, attributes });
        return undefined;
      case "fifo":
      case "character-device":
      case "block-device":
        this.emit({ kind: "node", path, type: header.kind, device: header.device ?? noDevice, attributes });
        return undefined;
    }
  }

  #putDirectory(header: TarHeader, place: Place, base: string): undefined {
    const path = join(place.path, base);
    const attributes = attributesOf(header);
    const found = place.directory.children.get(base);
    if (found?.kind === "directory") {
      found.attributes = attributes;
      this.emit({ kind: "ownership", path, owner: attributes.owner });
      return;
    }
    this.#clear(place, base, path);
    const opaque = found?.kind === "whiteout";
    place.directory.children.set(base, { ...emptyDirectory(), attributes, opaque });
    this.emit({ kind: "directory", path, owner: attributes.owner });
  }

  #putHardLink(header: TarHeader, place: Place, base: string, path: ByteString): undefined {
    const target = this.#linkTarget(header);
    // An archive made with the same name twice holds a link of the name to itself.
    if (target.path === path) return;
    // What is cleared away would take the target with it.
    if (target.path.startsWith(`${path}/`)) throw unusable(header.path, "it links to what it replaces");
    this.#clear(place, base, path);
    this.emit({ kind: "hard-link", path, target: target.path });
    place.directory.children.set(base, target.node);
    if (target.node.kind === "leaf") this.#agree(target.node, path, attributesOf(header));
  }

  /** The file a hard link names: of this layer, because layers are unpacked each on its own. */
  #linkTarget(header: TarHeader): { readonly path: ByteString; readonly node: Exclude<Node, Directory> } {
    const components = cleanPath(header.linkPath);
    const name = components.at(-1);
    const place = walk(this.#root, components.slice(0, -1), header.linkPath, () => undefined);
    const node = name === undefined ? undefined : place?.directory.children.get(name);
    if (node === undefined || node.kind === "directory" || node.kind === "whiteout")
      throw unusable(header.path, "it links to a file that is not in the same layer");
    return { path: join(place!.path, name!), node };
  }

  /** All names of a file share its attributes; those of the last entry count, but no xattr is lost on the way. */
  #agree(leaf: Leaf, path: ByteString, wanted: Attributes): void {
    const has = leaf.attributes;
    const same =
      has.owner.uid === wanted.owner.uid &&
      has.owner.gid === wanted.owner.gid &&
      has.owner.mode === wanted.owner.mode;
    if (same && wanted.xattrs.every((each) => has.xattrs.some((other) => other.name === each.name))) return;
    const kept = has.xattrs.filter((each) => !wanted.xattrs.some((other) => other.name === each.name));
    leaf.attributes = { ...wanted, xattrs: [...kept, ...wanted.xattrs] };
    this.emit({ kind: "ownership", path, owner: wanted.owner });
    this.emit({ kind: "finish", path, xattrs: leaf.attributes.xattrs, times: wanted.times });
  }

  /** Makes room for an entry that replaces another of the same layer. */
  #clear(place: Place, base: string, path: ByteString): void {
    if (!place.directory.children.delete(base)) return;
    this.emit({ kind: "remove", path });
    this.#recent = undefined;
  }
}

/** Bytes that an operation carries beyond its name. */
function weight(operation: Operation): number {
  if (operation.kind === "data") return operation.bytes.length;
  const xattrs =
    "attributes" in operation ? operation.attributes.xattrs : "xattrs" in operation ? operation.xattrs : [];
  return xattrs.reduce((sum, { value }) => sum + value.length, 0);
}

/** As in Docker: a folder without an entry is everybody's to read. */
const impliedOwner: Ownership = { uid: 0, gid: 0, mode: 0o755 };
const epoch = { seconds: 0, nanoseconds: 0 } as const;
const noDevice = { major: 0, minor: 0 } as const;

function attributesOf(header: TarHeader): Attributes {
  const owner = { uid: ownerId(header, "uid"), gid: ownerId(header, "gid"), mode: header.mode };
  const times = { atime: header.atime ?? header.mtime, mtime: header.mtime };
  return { owner, xattrs: filterXattrs(header.xattrs), times };
}

/** uid_t has 32 bits; negative numbers are the upper half. Attack: -1 means "as it is" to chown(2), hence root. */
function ownerId(header: TarHeader, which: "uid" | "gid"): number {
  const given = header[which];
  const id = given < 0 ? given + 2 ** 32 : given;
  if (id < 0 || id >= 2 ** 32 - 1) throw unusable(header.path, `its ${which} ${given} does not exist`);
  return id;
}
