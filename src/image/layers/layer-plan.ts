/**
 * The plan of a folder while entries come: what each of them makes, replaces and removes. One layer for overlayfs to
 * stack, whose whiteouts are files and attributes; or layer upon layer in one folder, where they remove.
 *
 * Where layers are merged, nothing of those below is an entry of the layer being planned until it names it: a file or a
 * link of theirs gives way to a folder as overlayfs would hide it, and never leads anywhere.
 */

import type { ByteString } from "../tar/byte-string.ts";
import type { TarHeader } from "../tar/entry.ts";
import { attributesOf } from "./entry-attributes.ts";
import type { Attributes, Operation, Ownership } from "./jail.ts";
import { type Components, cleanPath, join, unusable } from "./path.ts";
import {
  type Directory,
  emptyDirectory,
  type Leaf,
  type Look,
  type Missing,
  type Node,
  type Place,
  walk,
} from "./tree.ts";
import { isMetadata, isReserved, whiteoutName } from "./whiteout.ts";
import { type OverlayXattrs, opaqueXattr } from "./xattr-filter.ts";

export interface PlanOptions {
  readonly overlay: OverlayXattrs;
  /** In a user namespace nobody may make devices; they are then left out, as rootless engines do. */
  readonly devices: "make" | "skip";
}

const batchOperations = 512;
const batchBytes = 1 << 20;

/** What ends a file. */
export type SealOperation = Extract<Operation, { readonly kind: "seal" }>;

export class Plan {
  readonly #options: PlanOptions;
  readonly #root: Directory = emptyDirectory();
  /** What the layer being planned has; absent where there is but one. */
  #own: WeakSet<Node> | undefined;
  #operations: Operation[] = [];
  #bytes = 0;
  /** The folder of the previous entry: most often the next one's too. */
  #recent: { readonly folder: string; readonly place: Place } | undefined;

  constructor(options: PlanOptions, merges: boolean) {
    this.#options = options;
    if (merges) this.#own = new WeakSet();
  }

  /** From here on entries are those of another layer, upon what there is. */
  begin(): void {
    this.#own = new WeakSet([this.#root]);
    this.#recent = undefined;
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
    if (whiteout.kind === "opaque") this.#empty(place);
    if (whiteout.kind === "whiteout") this.#hide(place, whiteout.name);
    return undefined;
  }

  /** The layer has no more entries. */
  end(): void {
    const root: Place = { directory: this.#root, path: "." as ByteString };
    for (const name of [...this.#root.children.keys()])
      if (isMetadata(name)) this.#clear(root, name, name as ByteString);
  }

  /** What can be done only when every entry is there. */
  *finish(): Generator<Operation, void, undefined> {
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
    const place = walk(this.#root, components.slice(0, -1), name, this.#enter, this.#imply)!;
    if (known) this.#recent = { folder, place };
    return place;
  }

  /** What the layer has of that name. */
  readonly #find: Look = ({ directory }, name) => {
    const found = directory.children.get(name);
    return found === undefined || this.#own === undefined || this.#own.has(found) ? found : undefined;
  };

  /** The same; a folder of a layer below is the layer's as well from now on, and anything else there gives way to one. */
  readonly #enter: Look = (place, name) => {
    const found = place.directory.children.get(name);
    if (found === undefined || this.#find(place, name)) return found;
    if (found.kind !== "directory") return void this.#clear(place, name, join(place.path, name));
    this.#own?.add(found);
    return found;
  };

  #give({ directory }: Place, name: string, node: Node): void {
    directory.children.set(name, node);
    this.#own?.add(node);
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
    this.#give(parent, name, directory);
    return directory;
  };

  /** The folder shows nothing of what the layers below have there. */
  #empty({ directory, path }: Place): void {
    if (!this.#own) directory.opaque = true;
    else
      for (const [name, child] of directory.children) {
        const place = join(path, name);
        if (!this.#own.has(child)) this.#clear({ directory, path }, name, place);
        else if (child.kind === "directory") this.#empty({ directory: child, path: place });
      }
  }

  #hide(place: Place, name: string): void {
    const found = this.#find(place, name);
    const path = join(place.path, name);
    if (found?.kind === "directory") this.#empty({ directory: found, path });
    if (found !== undefined) return;
    if (this.#own) {
      this.#clear(place, name, path);
      return;
    }
    this.#give(place, name, { kind: "whiteout" });
    this.emit({
      kind: "node",
      path,
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
    this.#give(place, base, node);
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
    const found = this.#enter(place, base);
    if (found?.kind === "directory") {
      found.attributes = attributes;
      this.emit({ kind: "ownership", path, owner: attributes.owner });
      return;
    }
    this.#clear(place, base, path);
    const opaque = found?.kind === "whiteout";
    this.#give(place, base, { ...emptyDirectory(), attributes, opaque });
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
    this.#give(place, base, target.node);
    if (target.node.kind === "leaf") this.#agree(target.node, path, attributesOf(header));
  }

  /** The file a hard link names: of this layer, because layers are unpacked each on its own. */
  #linkTarget(header: TarHeader): { readonly path: ByteString; readonly node: Exclude<Node, Directory> } {
    const components = cleanPath(header.linkPath);
    const name = components.at(-1);
    const place = walk(this.#root, components.slice(0, -1), header.linkPath, this.#find, () => undefined);
    const node = name === undefined || place === undefined ? undefined : this.#find(place, name);
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

  /** Makes room for an entry that replaces another. */
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
