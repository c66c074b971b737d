/**
 * What the layer being unpacked holds so far, and where layers are merged those below it. The planner looks here, never
 * at the disk, so that what it decides depends on the archives alone.
 *
 * Only entries of the layer itself lead anywhere: whether a parent exists in a layer below does not matter, and neither does
 * where a symbolic link of a layer below would lead.
 */

import type { ByteString } from "../tar/byte-string.ts";
import type { Attributes } from "./jail.ts";
import { type Components, join, unusable } from "./path.ts";

export type Node = Directory | Leaf | Link | Whiteout;

export interface Directory {
  readonly kind: "directory";
  readonly children: Map<string, Node>;
  /** Of its entry; none when it was only implied by the path of another. */
  attributes?: Attributes;
  /** Hides what the layers below have beneath it. */
  opaque: boolean;
}

/** A file, device or fifo; several names share one when they are hard links. */
export interface Leaf {
  readonly kind: "leaf";
  attributes: Attributes;
}

export interface Link {
  readonly kind: "link";
  readonly target: ByteString;
}

export interface Whiteout {
  readonly kind: "whiteout";
}

/** A directory of the tree with its path. */
export interface Place {
  readonly directory: Directory;
  readonly path: ByteString;
}

export function emptyDirectory(): Directory {
  return { kind: "directory", children: new Map(), opaque: false };
}

/** linux/namei.h, MAXSYMLINKS. Attack: links that lead to each other. */
const linksLimit = 40;

/** What is taken to have a name in a directory. */
export type Look = (place: Place, name: string) => Node | undefined;

/** What to do about a directory that a path needs and that is not there: make it, or give up. */
export type Missing = (parent: Place, name: string, found: Whiteout | undefined) => Directory | undefined;

/**
 * The directory that `components` lead to. Symbolic links of this layer are followed, and stay beneath the root:
 * an absolute one begins there, and `..` at the root is the root. Undefined when `missing` gives up.
 */
export function walk(
  root: Directory,
  components: Components,
  name: ByteString,
  look: Look,
  missing: Missing,
): Place | undefined {
  const stack: Place[] = [{ directory: root, path: "." as ByteString }];
  const waiting = [...components].reverse();
  let links = 0;
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    if (part === "" || part === ".") continue;
    if (part === "..") {
      if (stack.length > 1) stack.pop();
      continue;
    }
    const place = stack.at(-1)!;
    const found = look(place, part);
    if (found?.kind === "leaf")
      throw unusable(name, "a file of the same layer is in the place of its folder");
    if (found?.kind === "link") {
      if (++links > linksLimit) throw unusable(name, "too many levels of symbolic links");
      if (found.target.startsWith("/")) stack.length = 1;
      waiting.push(...found.target.split("/").reverse());
      continue;
    }
    const directory = found?.kind === "directory" ? found : missing(place, part, found);
    if (directory === undefined) return undefined;
    stack.push({ directory, path: join(place.path, part) });
  }
  return stack.at(-1);
}
