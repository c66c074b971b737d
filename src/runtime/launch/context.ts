/**
 * What the parts of the launch compiler share: the lists of the two processes, and the slots both know.
 *
 *   parent   the executor (or shim): makes what lives on the host, clones, and waits
 *   child    becomes the container's first process: mounts, confines itself, executes the command
 *
 * Host paths are opened by `opener`: the child, which still sees the host's mounts; or the parent, where the
 * child begins in a user namespace and may no longer see them.
 */

import type { Slot } from "../../kernel/program/argument.ts";
import type { ProgramBuilder, SlotAllocator } from "../../kernel/program/builder.ts";
import type { RuntimeConfig } from "../../spec/runtime/config.ts";

export interface LaunchContext {
  readonly config: RuntimeConfig;
  readonly parent: ProgramBuilder;
  readonly child: ProgramBuilder;
  readonly opener: ProgramBuilder;
  readonly slots: SlotAllocator;
  /** The container's root mount. */
  readonly root: Slot;
  /** A procfs of the container's pid namespace that nothing in the container can reach or overmount. */
  readonly proc: Slot;
  /** Where a path opened for a moment goes; two, as some steps need a parent and its child. */
  readonly scratch: readonly [Slot, Slot];
  /** Relative host paths are meant from here (runtime-spec, config.md#mounts). */
  readonly bundle: string;
  /** What the kernel is, as [major, minor]: newer calls are used where they are to be had. */
  readonly kernel: readonly [number, number];
}

/** True where the container gets a namespace of this type of its own, or joins one. */
export function hasNamespace(config: RuntimeConfig, type: string): boolean {
  return config.linux?.namespaces?.some((n) => n.type === type) ?? false;
}

/** True where the namespace is a new one. */
export function newNamespace(config: RuntimeConfig, type: string): boolean {
  return config.linux?.namespaces?.some((n) => n.type === type && n.path === undefined) ?? false;
}

export function atLeast(kernel: readonly [number, number], major: number, minor: number): boolean {
  return kernel[0] > major || (kernel[0] === major && kernel[1] >= minor);
}
