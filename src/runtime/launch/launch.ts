/**
 * The compiler: an OCI config, and where things are on this host → a launch program.
 *
 * The two processes wait for each other by single bytes on a socket pair:
 *
 *   parent                                 child
 *     prepare the host, clone ─────────▶     (born)
 *     [id maps, hooks]        ── go ───▶     [with a user namespace or hooks it waits here]
 *     [vacate its cgroup]     ◀─ byte ──     [where a process of ours has kept the cgroup for it]
 *                                            mounts, devices, terminal
 *     [take the terminal]     ◀─ byte ──     [for a shim only]
 *     network of the host     ── go ───▶     waits here; then root, sysctls, confinement
 *     [send the listener]     ◀─ byte ──     [with a seccomp listener only; then waits for go]
 *     wait                    ◀─ byte ──     [create only; then waits for start]
 *     wait                    ◀─ EOF ───     execve closed the socket: the command runs
 *
 * With `beginLaunch` the parent pauses once more, before the clone: the rest is compiled meanwhile.
 * With hooks or a listener what they are told names the pid; so both processes pause, and `next` compiles the rest.
 * Where a user is to be looked up in the container's own files, the child pauses with them, and `become` does.
 */

import { ProgramBuilder } from "../../kernel/program/builder.ts";
import type { Instruction } from "../../kernel/program/instruction.ts";
import type { RuntimeConfig } from "../../spec/runtime/config.ts";
import type { Process } from "../../spec/runtime/process.ts";
import { readAccounts } from "./accounts.ts";
import { finishChild, prepareChild } from "./child.ts";
import { hasNamespace, type LaunchContext } from "./context.ts";
import { hasLaunchHooks } from "./hooks.ts";
import { Link } from "./link.ts";
import type { LaunchOptions } from "./options.ts";
import { cloneChild, finishParent, type Prepared, prepareParent } from "./parent.ts";

export interface LaunchProgram {
  readonly first: readonly Instruction[];
  /** With hooks or a listener `first` pauses, in the parent and then in the child: what each goes on with. */
  readonly next?: (pid: number) => {
    readonly parent: readonly Instruction[];
    readonly child: readonly Instruction[];
  };
  /** With `lookUp` the child pauses with the container's account files: what it goes on with. */
  readonly become?: (process: Process) => readonly Instruction[];
}

export function compileLaunch(config: RuntimeConfig, options: LaunchOptions): LaunchProgram {
  const c = contextOf(config, options);
  const link = new Link(options.slots);
  return compileRest(c, options, { link, ...prepareParent(c, options) });
}

/** A launch in two segments, so that the kernel works at the first one while the second is compiled. */
export interface BegunLaunch {
  /** What the parent does before there is a child; then it pauses. */
  readonly prepare: readonly Instruction[];
  readonly compile: (more: Pick<LaunchOptions, "seccomp" | "network">) => LaunchProgram;
}

export function beginLaunch(config: RuntimeConfig, options: LaunchOptions): BegunLaunch {
  const c = contextOf(config, options);
  const prepared = { link: new Link(options.slots), ...prepareParent(c, options) };
  c.parent.pause("wait for the rest of the launch");
  const parent = new ProgramBuilder();
  const rest = { ...c, parent, opener: c.opener === c.parent ? parent : c.opener };
  return {
    prepare: c.parent.instructions,
    compile: (more) => compileRest(rest, { ...options, ...more }, prepared),
  };
}

function compileRest(
  c: LaunchContext,
  options: LaunchOptions,
  prepared: Prepared & { readonly link: Link },
): LaunchProgram {
  const { config } = c;
  const { link } = prepared;
  const pauses = hasLaunchHooks(config) || config.linux?.seccomp?.listenerPath !== undefined;
  cloneChild(c, options, link);
  const child = prepareChild(c, options, { ...prepared, waits: pauses });
  if (pauses) {
    c.parent.pause("learn the pid");
    c.child.pause("wait for the hooks' state");
    return {
      first: c.parent.instructions,
      next: (pid) => {
        const rest = { ...c, parent: new ProgramBuilder(), child: new ProgramBuilder() };
        finishParent(rest, options, { ...prepared, pid });
        finishChild(rest, options, { ...child, link, pid });
        return { parent: rest.parent.instructions, child: rest.child.instructions };
      },
    };
  }
  finishParent(c, options, prepared);
  if (!options.lookUp) {
    finishChild(c, options, { ...child, link });
    return { first: c.parent.instructions };
  }
  readAccounts(c.child, c.root, c.scratch[0]);
  return {
    first: c.parent.instructions,
    become: (process) => {
      const rest = { ...c, config: { ...config, process }, child: new ProgramBuilder() };
      finishChild(rest, options, { ...child, link });
      return rest.child.instructions;
    },
  };
}

function contextOf(config: RuntimeConfig, options: LaunchOptions): LaunchContext {
  const [parent, child] = [new ProgramBuilder(), new ProgramBuilder()];
  const { slots, bundle, kernel } = options;
  return {
    config,
    parent,
    child,
    opener: hasNamespace(config, "user") ? parent : child,
    slots,
    root: slots.slot("root"),
    proc: slots.slot("our procfs"),
    scratch: [slots.slot("scratch"), slots.slot("scratch 2")],
    bundle,
    kernel,
  };
}
