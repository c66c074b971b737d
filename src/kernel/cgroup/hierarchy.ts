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

/**
 * `36 35 98:0 /root /mount/point rw,noatime master:1 - type source superoptions`
 *
 * Without regular expressions, here and below: compiling one takes as long as reading a file, and this runs cold.
 */
function cgroupMounts(mountinfo: string): readonly Mount[] {
  const mounts: Mount[] = [];
  let start = 0;
  for (let middle = mountinfo.indexOf(marker); middle >= 0; middle = mountinfo.indexOf(marker, start)) {
    const end = endOfLine(mountinfo, middle);
    const before = mountinfo.slice(mountinfo.lastIndexOf("\n", middle) + 1, middle).split(" ");
    const [type, , options = ""] = mountinfo.slice(middle + 3, end).split(" ");
    const [root, mountPoint] = [unescapeOctal(before[3]!), unescapeOctal(before[4]!)];
    if (type === "cgroup" || type === "cgroup2")
      mounts.push({ type, root, mountPoint, options: options.split(",") });
    start = end;
  }
  return mounts;
}

const marker = " - cgroup";

function endOfLine(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end;
}

/** Blanks in paths are written as octal digits (proc_pid_mountinfo(5)). */
function unescapeOctal(path: string): string {
  if (!path.includes("\\")) return path;
  return path.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

/** `3:cpu,cpuacct:/path` → the path by "cpu", "cpuacct", "name=systemd", or "" for v2. */
function parseOwnCgroups(text: string): ReadonlyMap<string, string> {
  const own = new Map<string, string>();
  for (const line of text.split("\n")) {
    const first = line.indexOf(":");
    const second = line.indexOf(":", first + 1);
    if (second < 0) continue;
    for (const name of line.slice(first + 1, second).split(",")) own.set(name, line.slice(second + 1));
  }
  return own;
}

function unified(mount: Mount, own: ReadonlyMap<string, string>, texts: HierarchyTexts): CgroupTree {
  const controllers = texts.controllersOf(mount.mountPoint).trim().split(" ").filter(Boolean);
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
  if (cgroup === undefined || cgroup === root || cgroup.startsWith("/..")) return "/";
  if (root === "/") return cgroup;
  return cgroup.startsWith(`${root}/`) ? cgroup.slice(root.length) : "/";
}
