/** Empty file systems in memory, detached: where cgroup directories go, and what covers masked ones. */

import * as M from "../../kernel/abi/mount.ts";
import type { Slot } from "../../kernel/program/argument.ts";
import type { LaunchContext } from "./context.ts";

export function makeTmpfs(
  c: LaunchContext,
  into: Slot,
  mode: string,
  attributes: number,
  from: string,
): void {
  const p = c.child;
  const context = c.scratch[1];
  p.call("make a tmpfs", "fsopen", ["tmpfs", M.FSOPEN_CLOEXEC], { slot: context, from });
  p.call("set its mode", "fsconfig", [context, M.FSCONFIG_SET_STRING, "mode", mode, 0], { from });
  p.call("create the tmpfs", "fsconfig", [context, M.FSCONFIG_CMD_CREATE, 0, 0, 0], { from });
  p.call("mount it, detached", "fsmount", [context, M.FSMOUNT_CLOEXEC, attributes], { slot: into, from });
  p.close(context);
}
