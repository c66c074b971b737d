/**
 * The options of a mount, sorted by who takes them: the mount (attributes), its propagation, or the file system
 * (runtime-spec, config.md#linux-mount-options; mount(8)). Words that are in no table are the file system's.
 */

import * as M from "../../kernel/abi/mount.ts";

export interface MountOptions {
  readonly bind: "no" | "bind" | "rbind";
  readonly set: number;
  readonly clear: number;
  /** The same for the whole tree of a recursive bind: `rro`, `rnosuid`, … */
  readonly recursiveSet: number;
  readonly recursiveClear: number;
  /** MS_PRIVATE and so on, each with its recursion, in the order written. */
  readonly propagation: readonly { readonly flag: number; readonly recursive: boolean }[];
  /** Only the attributes of what is mounted there already change. */
  readonly remount: boolean;
  readonly idmap: "no" | "idmap" | "ridmap";
  /** A tmpfs begins with what the image has in its place. */
  readonly copyUp: boolean;
  /** The words that the file system itself takes, such as `size=64m`. */
  readonly data: readonly string[];
}

interface Attribute {
  readonly set?: number;
  readonly clear?: number;
}

const access = M.MOUNT_ATTR__ATIME;

const attributes: Readonly<Record<string, Attribute>> = {
  ro: { set: M.MOUNT_ATTR_RDONLY },
  rw: { clear: M.MOUNT_ATTR_RDONLY },
  nosuid: { set: M.MOUNT_ATTR_NOSUID },
  suid: { clear: M.MOUNT_ATTR_NOSUID },
  nodev: { set: M.MOUNT_ATTR_NODEV },
  dev: { clear: M.MOUNT_ATTR_NODEV },
  noexec: { set: M.MOUNT_ATTR_NOEXEC },
  exec: { clear: M.MOUNT_ATTR_NOEXEC },
  noatime: { set: M.MOUNT_ATTR_NOATIME, clear: access },
  atime: { clear: access },
  strictatime: { set: M.MOUNT_ATTR_STRICTATIME, clear: access },
  nostrictatime: { clear: access },
  relatime: { clear: access },
  norelatime: { clear: access },
  nodiratime: { set: M.MOUNT_ATTR_NODIRATIME },
  diratime: { clear: M.MOUNT_ATTR_NODIRATIME },
  nosymfollow: { set: M.MOUNT_ATTR_NOSYMFOLLOW },
  symfollow: { clear: M.MOUNT_ATTR_NOSYMFOLLOW },
};

const propagations: Readonly<Record<string, number>> = {
  private: M.MS_PRIVATE,
  shared: M.MS_SHARED,
  slave: M.MS_SLAVE,
  unbindable: M.MS_UNBINDABLE,
};

/**
 * Accepted and without meaning here: the kernel's default anyway, resolved by mount(8) before the kernel sees them, or
 * flags of the old mount(2) that the new mount API has no word for.
 */
const meaningless: ReadonlySet<string> = new Set([
  "defaults",
  "async",
  "nomand",
  "loud",
  "silent",
  "iversion",
  "noiversion",
  "acl",
  "noacl",
]);

/** Flags of every file system that fsconfig(2) takes by name. */
const superBlockWords = ["dirsync", "lazytime", "nolazytime", "mand", "sync"] as const;

/** Every word that is understood, for `features`. */
export function mountOptionWords(): readonly string[] {
  return [
    ...["bind", "rbind", "remount", "idmap", "ridmap", "tmpcopyup", ...meaningless, ...superBlockWords],
    ...[attributes, propagations].flatMap((table) =>
      Object.keys(table).flatMap((word) => [word, `r${word}`]),
    ),
  ].toSorted();
}

export function parseMountOptions(options: readonly string[]): MountOptions {
  let [set, clear, recursiveSet, recursiveClear] = [0, 0, 0, 0];
  let bind: MountOptions["bind"] = "no";
  let idmap: MountOptions["idmap"] = "no";
  let [remount, copyUp] = [false, false];
  const propagation: { flag: number; recursive: boolean }[] = [];
  const data: string[] = [];
  for (const option of options) {
    const plain = entry(attributes, option);
    const recursive = option.startsWith("r") ? option.slice(1) : undefined;
    const ofTree = recursive === undefined ? undefined : entry(attributes, recursive);
    const own = entry(propagations, option);
    const ofAll = recursive === undefined ? undefined : entry(propagations, recursive);
    if (option === "bind") bind = bind === "rbind" ? bind : "bind";
    else if (option === "rbind") bind = "rbind";
    else if (option === "idmap" || option === "ridmap") idmap = option;
    else if (option === "remount") remount = true;
    else if (option === "tmpcopyup") copyUp = true;
    else if (plain) [set, clear] = applied(set, clear, plain);
    else if (own) propagation.push({ flag: own, recursive: false });
    else if (ofAll) propagation.push({ flag: ofAll, recursive: true });
    else if (ofTree) [recursiveSet, recursiveClear] = applied(recursiveSet, recursiveClear, ofTree);
    else if (!meaningless.has(option)) data.push(option);
  }
  return { bind, set, clear, recursiveSet, recursiveClear, propagation, remount, idmap, copyUp, data };
}

/** Words come from configs: `constructor` is in no table. */
function entry<Value>(table: Readonly<Record<string, Value>>, word: string): Value | undefined {
  return Object.hasOwn(table, word) ? table[word] : undefined;
}

/** The later of two words about the same attribute wins. */
function applied(set: number, clear: number, attribute: Attribute): [set: number, clear: number] {
  const on = attribute.set ?? 0;
  const off = attribute.clear ?? 0;
  return [(set & ~off) | on, (clear & ~on) | off | (on & access ? access : 0)];
}
