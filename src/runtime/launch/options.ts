/** What the compiler is told beside the config: where things are on this host, and how to start. */

import type { HostPath } from "../../base/ids.ts";
import type { CgroupMount } from "../../kernel/cgroup/mounts.ts";
import type { Limits } from "../../kernel/procfs/limits.ts";
import type { Slot, Struct } from "../../kernel/program/argument.ts";
import type { SlotAllocator } from "../../kernel/program/builder.ts";
import type { Instruction } from "../../kernel/program/instruction.ts";
import type { CompiledSeccomp } from "../../kernel/seccomp/filter.ts";
import type { CopyUps } from "./copy-up.ts";
import type { HostFiles } from "./mounts.ts";
import type { MountOrigin } from "./origin.ts";
import type { RootSource } from "./rootfs.ts";

/** What the launch needs of a cgroup; made by kernel/cgroup for this host's hierarchy. */
export interface CgroupPlan {
  /** Parent, before the clone: directories, limits, and fds for the join. */
  readonly create: readonly Instruction[];
  /** A cgroup v2 directory that the child is born in. */
  readonly bornIn?: Slot;
  /** Child: enters, by the fds, the hierarchies that it was not born in. */
  readonly join: readonly Instruction[];
  /** Parent, after the clone: closes what only the child needed. */
  readonly release: readonly Instruction[];
  /** Parent, when the child is in: takes out who was there before. Without it the child need not say that it is. */
  readonly joined?: readonly Instruction[];
  readonly mounts: readonly CgroupMount[];
}

/** What the launch needs of a network: messages for each side, made by a network driver. */
export interface NetworkPlan {
  /** Parent, after the clone; `proc` is the child's directory in /proc. */
  readonly host: (proc: Slot) => readonly Instruction[];
  /** Child, when the host's side is done; `socket` speaks rtnetlink in the container's namespace. */
  readonly container: (socket: Slot) => readonly Instruction[];
}

/** How the command starts, and what the executor does then. */
export type LaunchMode =
  /** The executor leaves; the child waits until somebody writes to the fifo. */
  /** With startContainer hooks it says through `hooked` that they have succeeded. */
  | { readonly kind: "create"; readonly fifo: HostPath; readonly hooked?: HostPath }
  /** The executor says when the command runs; it answers with the command's end (`wait`), or leaves. */
  | { readonly kind: "run"; readonly wait: boolean }
  /** The executor becomes the container's shim. */
  | { readonly kind: "supervise"; readonly describe: (slots: ShimSlots) => Struct };

/** What the shim's description refers to. */
export interface ShimSlots {
  readonly pidfd: Slot;
  /** Our end of the terminal. */
  readonly master?: Slot;
}

export interface LaunchOptions {
  readonly bundle: HostPath;
  readonly root: RootSource;
  /** Of binds whose source is no path, by their destination. */
  readonly origins?: ReadonlyMap<string, MountOrigin>;
  readonly slots: SlotAllocator;
  /** [major, minor] */
  readonly kernel: readonly [number, number];
  readonly host: HostFiles;
  readonly mode: LaunchMode;
  /** Capabilities that this process can pass on, as a mask. */
  readonly grantable: bigint;
  readonly cgroup?: CgroupPlan;
  readonly network?: NetworkPlan;
  /** Of `linux.seccomp`; where the config has that it cannot be missing. */
  readonly seccomp?: CompiledSeccomp;
  /** Gets our end of the terminal (runc's --console-socket). */
  readonly consoleSocket?: HostPath;
  /** False where the root cannot be pivoted away from, as on an initramfs. */
  readonly usePivot?: boolean;
  /** Name of the session keyring; absent keeps the caller's. */
  readonly keyring?: string;
  /** Fds 3 … 2+n that the command keeps. */
  readonly preserve?: number;
  /** Parent, before the clone: sockets, pipes and log of a shim. */
  readonly before?: readonly Instruction[];
  /** Child: makes its stdio of what `before` made. */
  readonly stdio?: readonly Instruction[];
  /** Parent, after the clone: closes what only the child needs. */
  readonly after?: readonly Instruction[];
  /** Make the working directory where the image has none, as Docker does. */
  readonly makeWorkingDirectory?: boolean;
  /** Put an init into the container, which `process.args` name; `size` is that of the executor's program. */
  readonly init?: { readonly size: number };
  /** Answer with the container's account files before the process becomes anybody. */
  readonly lookUp?: boolean;
  /** What each tmpfs with `tmpcopyup` begins with. */
  readonly copyUps?: CopyUps;
  /** What the root and the origins have on the disk are the container's ids, which its user namespace maps to others. */
  readonly mapped?: boolean;
  /** Those of whoever runs the program; for a container with a user namespace, which may not raise them itself. */
  readonly limits?: Limits;
  /** A limit of the process that may not be raised is an error. */
  readonly exactLimits?: boolean;
  /** The state that hooks and seccomp agents read, once the pid is known: those in the container see another pid. */
  readonly state: (pid: number, status: "creating" | "created", seenBy?: "host" | "container") => string;
}
