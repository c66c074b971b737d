/**
 * What is to be mounted into a container: the one type that `--volume`, `--mount` and `--tmpfs` yield.
 */

export type MountSpec = BindMount | VolumeMount | TmpfsMount | ImageMount;

export type Propagation = "private" | "rprivate" | "shared" | "rshared" | "slave" | "rslave";

export const propagations: readonly Propagation[] = [
  "private",
  "rprivate",
  "shared",
  "rshared",
  "slave",
  "rslave",
];

export interface BindMount {
  readonly kind: "bind";
  /** Absolute, or relative to the caller's directory when it begins with a dot. */
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
  readonly propagation?: Propagation;
  /** Whether mounts below the source come along, and whether read-only holds for them. */
  readonly recursive: "enabled" | "disabled" | "writable" | "readonly";
  /** Make the source a directory when it does not exist. */
  readonly createSource: boolean;
  /** SELinux: relabel the source for this container alone, or for all. */
  readonly relabel?: "private" | "shared";
}

export interface VolumeMount {
  readonly kind: "volume";
  /** Absent for an anonymous volume. */
  readonly name?: string;
  readonly target: string;
  readonly readOnly: boolean;
  /** Do not fill an empty volume with what the image has at the target. */
  readonly noCopy: boolean;
  readonly relabel?: "private" | "shared";
  readonly driver?: string;
  readonly driverOptions: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly subpath?: string;
}

export interface TmpfsMount {
  readonly kind: "tmpfs";
  readonly target: string;
  readonly readOnly: boolean;
  /** Bytes. */
  readonly size?: number;
  /** Permission bits of the root directory. */
  readonly mode?: number;
  /** Further options as mount(8) writes them, in order. */
  readonly options: readonly string[];
}

export interface ImageMount {
  readonly kind: "image";
  readonly image: string;
  readonly target: string;
  readonly subpath?: string;
}

/** The target, after Docker's checks: absolute, and not the root. */
export function checkTarget(target: string): string {
  if (!target.startsWith("/")) throw new Error(`invalid mount path: '${target}' mount path must be absolute`);
  if (isRoot(target)) throw new Error("invalid specification: destination can't be '/'");
  return target;
}

/** `/`, `//`, `/.`, `/a/..`: a name for the root without looking at the file system. */
function isRoot(path: string): boolean {
  const depth = path.split("/").reduce((level, part) => {
    if (part === "" || part === ".") return level;
    return part === ".." ? Math.max(level - 1, 0) : level + 1;
  }, 0);
  return depth === 0;
}
