/**
 * What a user asks of a container, whichever door it came through: plain JSON, stored as it is. Absent fields
 * mean the image's value, and then the engine's default.
 */

import type { Healthcheck } from "../../spec/image/config.ts";
import type { Streams } from "../session.ts";

/** What a container is to be like. Only the image must be said. */
export interface ContainerSpec {
  readonly image: string;
  readonly name?: string;
  readonly command?: readonly string[];
  /** An empty list takes the image's entrypoint away. */
  readonly entrypoint?: readonly string[];
  /** `NAME=value`; a name alone takes a variable of the image away. */
  readonly env?: readonly string[];
  readonly workingDirectory?: string;
  /** USER[:GROUP], names or numbers. */
  readonly user?: string;
  readonly groups?: readonly string[];
  readonly hostname?: string;
  readonly domainname?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** For the runtime: in the OCI config, and so told to hooks. */
  readonly annotations?: Readonly<Record<string, string>>;
  readonly terminal?: boolean;
  /** Stdin is kept open for whoever attaches. */
  readonly openStdin?: boolean;
  /** The end of the first attached client's stdin ends the container's. */
  readonly stdinOnce?: boolean;
  /** What whoever made it meant to attach to; kept for whoever asks. */
  readonly attach?: Streams;
  readonly consoleSize?: { readonly height: number; readonly width: number };
  readonly init?: boolean;
  readonly autoRemove?: boolean;
  readonly restart?: RestartPolicy;
  readonly stopSignal?: string;
  /** Seconds. */
  readonly stopTimeout?: number;
  readonly readOnly?: boolean;
  readonly mounts?: readonly MountSpec[];
  /** Containers whose mounts it has as well: `NAME[:ro|rw]`. Resolved into `mounts` when it is made. */
  readonly volumesFrom?: readonly string[];
  /** Bytes of /dev/shm. */
  readonly shmSize?: number;
  readonly devices?: readonly DeviceSpec[];
  /** Of the device cgroup: `c 1:3 rwm`. */
  readonly deviceRules?: readonly string[];
  readonly capAdd?: readonly string[];
  readonly capDrop?: readonly string[];
  readonly privileged?: boolean;
  readonly security?: SecuritySpec;
  readonly sysctls?: Readonly<Record<string, string>>;
  readonly ulimits?: readonly Ulimit[];
  readonly oomScoreAdj?: number;
  readonly resources?: ResourceSpec;
  readonly namespaces?: NamespaceSpec;
  readonly network?: NetworkSpec;
  readonly logging?: LoggingSpec;
  /** In place of the image's. */
  readonly health?: Healthcheck;
  /** Name or path of an OCI runtime in place of the built-in one. */
  readonly runtime?: string;
}

/** Something that is mounted in a container. */
export type MountSpec = BindMount | VolumeMount | TmpfsMount | ImageMount;

export type Propagation = "private" | "rprivate" | "shared" | "rshared" | "slave" | "rslave";

export interface BindMount {
  readonly kind: "bind";
  /** Absolute. */
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
  /** With a user namespace: the container's root owns what the host's owns there. */
  readonly idmap?: boolean;
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
  /** Said, though with a user namespace a volume always is. */
  readonly idmap?: boolean;
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
  /** What that was when the container was made. */
  readonly imageId?: string;
  readonly target: string;
  readonly subpath?: string;
}

export type DeviceSpec =
  | {
      readonly kind: "path";
      readonly pathOnHost: string;
      readonly pathInContainer: string;
      /** Some of `r`, `w`, `m` (mknod). */
      readonly permissions: string;
    }
  | { readonly kind: "cdi"; readonly name: string };

/** When it is started again after it has ended. */
export interface RestartPolicy {
  readonly name: "no" | "always" | "unless-stopped" | "on-failure";
  /** After how many restarts to give up; 0 for never. Only with `on-failure`. */
  readonly maximumRetryCount: number;
}

/** What a container may not do. */
export interface SecuritySpec {
  /** Absent: the default profile. `profile` holds the text of a profile file. */
  readonly seccomp?:
    | { readonly kind: "unconfined" | "builtin" }
    | { readonly kind: "profile"; readonly json: string };
  readonly apparmor?: string;
  readonly noNewPrivileges?: boolean;
  /** No path under /proc and /sys is masked or read-only. */
  readonly systemPathsUnconfined?: boolean;
  readonly mask?: readonly string[];
  /** `ALL` for every one. */
  readonly unmask?: readonly string[];
}

export interface Ulimit {
  /** In lower case, without RLIMIT_. */
  readonly name: string;
  /** -1 is no limit. */
  readonly soft: number;
  readonly hard: number;
}

/** Bytes, microseconds and shares as Docker has them. */
export interface ResourceSpec {
  readonly memory?: number;
  /** Memory and swap together; -1 is unlimited swap. */
  readonly memorySwap?: number;
  readonly memoryReservation?: number;
  readonly oomKillDisable?: boolean;
  readonly nanoCpus?: number;
  readonly cpuShares?: number;
  readonly cpuQuota?: number;
  readonly cpuPeriod?: number;
  readonly cpusetCpus?: string;
  readonly cpusetMems?: string;
  readonly pidsLimit?: number;
  readonly blkioWeight?: number;
  readonly blkioWeightDevice?: readonly DeviceWeight[];
  readonly deviceReadBps?: readonly DeviceRate[];
  readonly deviceReadIops?: readonly DeviceRate[];
  readonly deviceWriteBps?: readonly DeviceRate[];
  readonly deviceWriteIops?: readonly DeviceRate[];
  readonly cgroupParent?: string;
}

/** Bytes or operations a second of a block device, by its path on the host. */
export interface DeviceRate {
  readonly path: string;
  readonly rate: number;
}

export interface DeviceWeight {
  readonly path: string;
  readonly weight: number;
}

/** Who keeps what a container says. */
export interface LoggingSpec {
  /** Absent: json-file. */
  readonly driver?: string;
  readonly options?: Readonly<Record<string, string>>;
}

export type NamespaceMode =
  | { readonly kind: "host" }
  /** Its own; of a user namespace, how many ids are mapped: 65536 unless it says otherwise. */
  | { readonly kind: "private"; readonly size?: number }
  /** Its own, and other containers may join it (ipc). */
  | { readonly kind: "shareable" }
  /** Its own, without /dev/shm (ipc). */
  | { readonly kind: "none" }
  | { readonly kind: "container"; readonly container: string };

/** Which namespaces are its own. */
export interface NamespaceSpec {
  readonly pid?: NamespaceMode;
  readonly ipc?: NamespaceMode;
  readonly uts?: NamespaceMode;
  readonly user?: NamespaceMode;
  readonly cgroup?: NamespaceMode;
}

/** Its place in a network, and the ports that lead to it. */
export interface NetworkSpec {
  /** `bridge`, `none`, `host` or `container:NAME`. */
  readonly mode?: string;
  /** As `-p` takes them. */
  readonly publish?: readonly string[];
  readonly publishAll?: boolean;
  readonly expose?: readonly string[];
  readonly address?: string;
  readonly macAddress?: string;
  /** `NAME:ADDRESS` */
  readonly extraHosts?: readonly string[];
  readonly dns?: readonly string[];
  readonly dnsSearch?: readonly string[];
  readonly dnsOptions?: readonly string[];
}
