/**
 * A user namespace that exists only to describe an id mapping of a mount (mount_setattr(2), MOUNT_ATTR_IDMAP).
 * A short-lived process makes it; the fd of the namespace outlives the process.
 */

import * as F from "../../kernel/abi/files.ts";
import { CLONE_NEWUSER, P_PIDFD, WEXITED } from "../../kernel/abi/process.ts";
import { output, type Slot } from "../../kernel/program/argument.ts";
import { ProgramBuilder } from "../../kernel/program/builder.ts";
import type { LaunchContext } from "./context.ts";
import { type IdMaps, writeIdMaps } from "./namespaces.ts";

export function userNamespaceOf(c: LaunchContext, maps: IdMaps, from: string): Slot {
  const p = c.parent;
  const slot = c.slots.slot("user namespace of the mount");
  const [mine, theirs] = [c.slots.slot("end of the parent"), c.slots.slot("end of the helper")];
  const [pidfd, proc] = [c.slots.slot("helper"), c.slots.slot("/proc of the helper")];
  const helper = new ProgramBuilder();
  helper.close(mine);
  helper.call("wait until the mapping is written", "read", [theirs, output(1), 1], { from });
  p.socketPair("connect with the helper", { into: output(8), first: mine, second: theirs });
  p.clone("make a user namespace for the mapping", {
    flags: CLONE_NEWUSER,
    role: "id-mapping helper",
    child: helper.instructions,
    pidfd,
    proc,
    from,
  });
  p.close(theirs);
  writeIdMaps(p, proc, c.scratch[0], maps);
  p.call("open the user namespace", "openat", [proc, "ns/user", F.O_RDONLY | F.O_CLOEXEC, 0], { slot, from });
  p.close(mine);
  p.call("wait for the helper to end", "waitid", [P_PIDFD, pidfd, output(128), WEXITED, 0], { from });
  p.close(pidfd);
  p.close(proc);
  return slot;
}
