/**
 * v1: the CPUs and memory nodes of a new cgroup are none, and no process can join it (cpuset(7)). What is empty is
 * copied from the parent: two runs that make the same parent at once may both do it, with the same result.
 */

import { posix } from "node:path";
import { O_CLOEXEC, O_RDONLY, O_RDWR } from "../../abi/files.ts";
import { output } from "../../program/argument.ts";
import type { Setting } from "../setting.ts";
import type { CreateContext } from "./create.ts";

/** The files that `settings` write are left to them. */
export function copyCpusets(c: CreateContext, path: string, settings: readonly Setting[]): void {
  for (const [file, what] of [
    ["cpuset.cpus", "CPUs"],
    ["cpuset.mems", "memory nodes"],
  ] as const)
    if (!settings.some((s) => s.file === file)) copyIfEmpty(c, path, file, what);
}

function copyIfEmpty(c: CreateContext, path: string, file: string, what: string): void {
  const { p, hierarchy } = c;
  const parent = posix.dirname(path);
  const filled = p.label(`${path} has ${what}`);
  const head = output(2);
  p.call(`look at the ${what} of /${path}`, "openat", [hierarchy, `${path}/${file}`, O_RDWR | O_CLOEXEC, 0], {
    slot: c.file,
  });
  // An empty list is a newline alone; with more than that there is nothing to do.
  p.call(`see that /${path} has no ${what} yet`, "read", [c.file, head, 2], {
    expect: 1,
    on: { EBADMSG: filled },
  });
  p.call(
    `open the ${what} of its parent`,
    "openat",
    [hierarchy, `${parent}/${file}`, O_RDONLY | O_CLOEXEC, 0],
    {
      slot: c.other,
    },
  );
  p.call(`give /${path} the ${what} of its parent`, "sendfile", [c.file, c.other, 0, 4096]);
  p.close(c.other);
  p.place(filled);
  p.close(c.file);
}
