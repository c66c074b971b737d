/**
 * Which cgroup hierarchies this host has, where they are mounted and what lives in each (cgroups(7)).
 *
 *   v1      one mount for each controller or group of them, and named ones without any (`name=systemd`)
 *   v2      one mount with every controller
 *   hybrid  v1, and a v2 tree besides with the controllers, if any, that no v1 hierarchy has taken
 *   none    nothing mounted: limits are not to be had
 *
 * Pure: it reads the text of /proc/self/mountinfo (proc(5)) and /proc/self/cgroup.
 */

import { posix } from "node:path";

export type CgroupMode = "v1" | "v2" | "hybrid" | "none";

export interface CgroupHierarchy {
  readonly mode: CgroupMode;
  readonly trees: readonly CgroupTree[];
}

export interface CgroupTree {
  readonly version: 1 | 2;
  /** v1: what is mounted here together. v2: what the mount's root offers to its children. */
  readonly controllers: readonly string[];
  /** Of a named hierarchy, such as `systemd`. */
  readonly name?: string;
  readonly mountPoint: string;
  /** The cgroup of this process, as a path below the mount point; "/" is the mount point itself. */
  readonly own: string;
}

export interface HierarchyTexts {
  readonly mountinfo: string;
  /** /proc/self/cgroup */
  readonly cgroup: string;
  /** `cgroup.controllers` of a v2 mount. */
  readonly controllersOf: (mountPoint: string) => string;
}

export function detectHierarchy(texts: HierarchyTexts): CgroupHierarchy {
  const own = parseOwnCgroups(texts.cgroup);
  const trees = new Map<string, CgroupTree>();
  for (const mount of cgroupMounts(texts.mountinfo)) {
    const tree = mount.type === "cgroup2" ? unified(mount, own, texts) : legacy(mount, own);
    const key = tree && (tree.version === 2 ? "" : (tree.name ?? tree.controllers.join()));
    // The same hierarchy may be mounted again, inside a chroot for example: the first is the host's.
    if (tree && !trees.has(key!)) trees.set(key!, tree);
  }
  return { mode: modeOf([...trees.values()]), trees: [...trees.values()] };
}

function modeOf(trees: readonly CgroupTree[]): CgroupMode {
  const [legacyTrees, unifiedTrees] = [
    trees.some((t) => t.version === 1),
    trees.some((t) => t.version === 2),
  ];
  if (legacyTrees) return unifiedTrees ? "hybrid" : "v1";
  return unifiedTrees ? "v2" : "none";
}

interface Mount {
  readonly type: "cgroup" | "cgroup2";
  /** The cgroup that the mount shows as its root; not "/" inside a container without a cgroup namespace. */
  readonly root: string;
  readonly mountPoint: string;
  readonly options: readonly string[];
}

/** `36 35 98:0 /root /mount/point rw,noatime master:1 - type source superoptions` */
function* cgroupMounts(mountinfo: string): Iterable<Mount> {
  for (const line of mountinfo.split("\n")) {
    const middle = line.indexOf(" - cgroup");
    if (middle < 0) continue;
    const before = line.slice(0, middle).split(" ");
    const [type, , options = ""] = line.slice(middle + 3).split(" ");
    if (type !== "cgroup" && type !== "cgroup2") continue;
    yield {
      type,
      root: unescapeOctal(before[3]!),
      mountPoint: unescapeOctal(before[4]!),
      options: options.split(","),
    };
  }
}

/** Blanks in paths are written as octal digits (proc_pid_mountinfo(5)). */
function unescapeOctal(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

/** "cpu", "name=systemd" or "" (v2) → the cgroup of the process whose /proc/PID/cgroup this is. */
export function parseOwnCgroups(text: string): ReadonlyMap<string, string> {
  const own = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, id, names, path] = /^(\d+):([^:]*):(.*)$/.exec(line) ?? [];
    if (path === undefined) continue;
    if (id === "0") own.set("", path);
    else for (const name of names!.split(",")) own.set(name, path);
  }
  return own;
}

function unified(mount: Mount, own: ReadonlyMap<string, string>, texts: HierarchyTexts): CgroupTree {
  const controllers = texts.controllersOf(mount.mountPoint).split(/\s+/).filter(Boolean);
  return { version: 2, controllers, mountPoint: mount.mountPoint, own: below(mount.root, own.get("")) };
}

function legacy(mount: Mount, own: ReadonlyMap<string, string>): CgroupTree | undefined {
  const { mountPoint, options } = mount;
  const controllers = options.filter((word) => !word.startsWith("name=") && own.has(word));
  const named = options.find((word) => word.startsWith("name="));
  const first = controllers[0] ?? named;
  if (first === undefined) return undefined;
  const tree = { version: 1, controllers, mountPoint, own: below(mount.root, own.get(first)) } as const;
  return controllers.length === 0 ? { ...tree, name: named!.slice("name=".length) } : tree;
}

/** What lies outside the mount cannot be reached through it; the root is the nearest that can. */
function below(root: string, cgroup: string | undefined): string {
  const relative = posix.relative(root, cgroup ?? root);
  return relative.startsWith("..") ? "/" : `/${relative}`;
}
