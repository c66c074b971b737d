/**
 * v2: a controller is there for a cgroup's children once it is in cgroup.subtree_control
 * (Documentation/admin-guide/cgroup-v2.rst, "Controlling Controllers"). As runc does, all that there are; what cannot be
 * enabled, for lack of rights or because a cgroup has processes, is missed only by a limit that needs it. In a hybrid
 * layout only what a limit needs: enabling takes the controller away from v1 mounts to come.
 */

import { O_CLOEXEC, O_WRONLY } from "../../abi/files.ts";
import type { Rules } from "../../program/instruction.ts";
import type { CgroupDirectory } from "../cgroup.ts";
import type { Setting } from "../setting.ts";
import type { CreateContext } from "./create.ts";

export function enableControllers(
  c: CreateContext,
  directory: CgroupDirectory,
  settings: readonly Setting[],
  path: string,
): void {
  if (directory.version === 1) return;
  const { p, hierarchy, file } = c;
  const needed =
    c.cgroup.mode === "v2"
      ? directory.controllers
      : directory.controllers.filter((name) => settings.some((s) => s.controller === name));
  if (needed.every((name) => c.delegated.includes(name))) return;
  const after = p.label(`controllers of /${path}`);
  const name = path === "" ? "cgroup.subtree_control" : `${path}/cgroup.subtree_control`;
  const what = `pass controllers on to the children of /${path}`;
  p.call(what, "openat", [hierarchy, name, O_WRONLY | O_CLOEXEC, 0], { slot: file, on: each(after) });
  // One by one: a write of several fails as a whole.
  const inhabited = p.label(`processes in /${path}`);
  for (const controller of [...needed].sort((a, b) => Number(isThreaded(a)) - Number(isThreaded(b))))
    p.call(
      `pass ${controller} on to the children of /${path}`,
      "write",
      [file, `+${controller}`, controller.length + 1],
      {
        on: { ...each("continue"), ...(isThreaded(controller) ? {} : { EBUSY: inhabited }) },
      },
    );
  p.place(inhabited);
  p.close(file);
  p.place(after);
}

/**
 * Controllers of threads are passed on even where processes are, but that makes children which no process may enter
 * ("domain invalid"; cgroup-v2.rst, "Threads"). The others are refused there with EBUSY, so they are tried first.
 */
function isThreaded(controller: string): boolean {
  return ["cpuset", "cpu", "pids", "perf_event"].includes(controller);
}

const refusals = ["EACCES", "EPERM", "EROFS", "ENOENT", "ENODEV", "EINVAL", "EBUSY", "EOPNOTSUPP"] as const;

function each(rule: NonNullable<Rules[(typeof refusals)[number]]>): Rules {
  return Object.fromEntries(refusals.map((errno) => [errno, rule]));
}
