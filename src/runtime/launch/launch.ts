/**
 * The compiler: an OCI config, and where things are on this host → a launch program.
 *
 * The two processes wait for each other by single bytes on a socket pair:
 *
 *   parent                                 child
 *     prepare the host, clone ─────────▶     (born)
 *     [id maps, hooks]        ── go ───▶     [with a user namespace or hooks it waits here]
 *                                            mounts, devices, terminal
 *     [take the terminal]     ◀─ byte ──     [for a shim only]
 *     network of the host     ── go ───▶     waits here; then root, sysctls, confinement
 *     [send the listener]     ◀─ byte ──     [with a seccomp listener only; then waits for go]
 *     wait                    ◀─ byte ──     [create only; then waits for start]
 *     wait                    ◀─ EOF ───     execve closed the socket: the command runs
 *
 * With hooks or a listener what they are told names the pid; so both processes pause, and `next` compiles the rest.
 */

import { ProgramBuilder } from "../../kernel/program/builder.ts";
import type { Instruction } from "../../kernel/program/instruction.ts";
import type { RuntimeConfig } from "../../spec/runtime/config.ts";
import { finishChild, prepareChild } from "./child.ts";
import { type LaunchContext, newNamespace } from "./context.ts";
import { hasLaunchHooks } from "./hooks.ts";
import { Link } from "./link.ts";
import type { LaunchOptions } from "./options.ts";
import { cloneChild, finishParent, prepareParent } from "./parent.ts";

export interface LaunchProgram {
  readonly first: readonly Instruction[];
  /** Where `first` pauses, once in the parent and then in the child: what each goes on with. */
  readonly next?: (pid: number) => {
    readonly parent: readonly Instruction[];
    readonly child: readonly Instruction[];
  };
}

export function compileLaunch(config: RuntimeConfig, options: LaunchOptions): LaunchProgram {
  const c = contextOf(config, options);
  const link = new Link(options.slots);
  const pauses = hasLaunchHooks(config) || config.linux?.seccomp?.listenerPath !== undefined;
  const prepared = prepareParent(c, options);
  cloneChild(c, options, link);
  const child = prepareChild(c, options, { ...prepared, link, waits: pauses });
  if (!pauses) {
    finishParent(c, options, { ...prepared, link });
    finishChild(c, options, { ...child, link });
    return { first: c.parent.instructions };
  }
  c.parent.pause("learn the pid");
  c.child.pause("wait for the hooks' state");
  return {
    first: c.parent.instructions,
    next: (pid) => {
      const rest: LaunchContext = { ...c, parent: new ProgramBuilder(), child: new ProgramBuilder() };
      finishParent(rest, options, { ...prepared, link, pid });
      finishChild(rest, options, { ...child, link, pid });
      return { parent: rest.parent.instructions, child: rest.child.instructions };
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
    opener: newNamespace(config, "user") ? parent : child,
    slots,
    root: slots.slot("root"),
    proc: slots.slot("our procfs"),
    scratch: [slots.slot("scratch"), slots.slot("scratch 2")],
    bundle,
    kernel,
  };
}
