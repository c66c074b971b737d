/**
 * The usher: a short-lived process that enters other containers' namespaces with the rights of the host, and begins
 * the container's first process there as its sibling (clone(2), CLONE_PARENT). It is there for containers with a user
 * namespace that join others by path:
 *
 *   - A user namespace that is joined owns the namespaces that are new only if whoever makes them is in it already, and
 *     the executor, which could not come back, must not be.
 *   - A first process that begins in a user namespace may not enter those that the host owns.
 *
 * So it joins the others, then the user namespace, and then makes the new ones. A mount namespace is left to the
 * first process: /proc and the paths of the others are the host's up to then.
 */

import { CLONE_PARENT, P_PIDFD, WEXITED } from "../../kernel/abi/process.ts";
import { output, type Slot } from "../../kernel/program/argument.ts";
import { ProgramBuilder } from "../../kernel/program/builder.ts";
import type { Clone } from "../../kernel/program/instruction.ts";
import type { RuntimeConfig } from "../../spec/runtime/config.ts";
import { hasNamespace, type LaunchContext } from "./context.ts";
import { joinTypes, unshareTime } from "./namespaces.ts";

export function entersFirst(config: RuntimeConfig): boolean {
  const joined = config.linux?.namespaces?.filter((n) => n.path !== undefined) ?? [];
  return hasNamespace(config, "user") && joined.some(({ type }) => early.has(type));
}

/** What `setns` of the first process would come too late for; pid and time alone the executor can name. */
const early: ReadonlySet<string> = new Set(["user", "network", "ipc", "uts", "cgroup"]);

/** The executor gets hold of the new process by the usher's fds. */
export function cloneByUsher(
  c: LaunchContext,
  clone: Omit<Clone, "kind"> & { readonly pidfd: Slot; readonly proc: Slot },
): void {
  const p = c.parent;
  const usher = new ProgramBuilder();
  const from = "linux.namespaces";
  const [mine, theirs] = [c.slots.slot("end of the parent"), c.slots.slot("end of the usher")];
  const pidfd = c.slots.slot("usher");
  usher.close(mine);
  joinTypes(c, usher, ["network", "ipc", "uts", "cgroup", "pid", "time"]);
  joinTypes(c, usher, ["user"]);
  unshareTime(c, usher);
  usher.clone(clone.why, { ...clone, flags: clone.flags | CLONE_PARENT });
  usher.call("say that the process is there", "write", [theirs, Buffer.from("r"), 1]);
  usher.call("wait until the parent has it", "read", [theirs, output(1), 1]);

  p.socketPair("connect with the usher", { into: output(8), first: mine, second: theirs });
  p.clone("start an usher into the namespaces of others", {
    flags: 0n,
    role: "usher",
    child: usher.instructions,
    pidfd,
    from,
  });
  p.close(theirs);
  p.call("wait for the container's process", "read", [mine, output(1), 1], { expect: 1 });
  for (const slot of [clone.pidfd, clone.proc])
    p.call(`take the ${slot.name}`, "pidfd_getfd", [pidfd, slot.fd, 0], { slot });
  p.close(mine);
  p.call("wait for the usher to end", "waitid", [P_PIDFD, pidfd, output(128), WEXITED, 0]);
  p.close(pidfd);
}
