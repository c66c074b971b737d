/** The end of a container's cgroup that may be systemd's. */

import { sleep } from "../../base/sleep.ts";
import type { Cgroup } from "../cgroup/cgroup.ts";
import { killCgroup } from "../cgroup/live/kill.ts";
import { removeCgroup } from "../cgroup/live/remove.ts";
import type { Scope } from "./systemd.ts";

/**
 * With all that lives in it. A unit is first emptied, so that stopping it waits for nobody; and stopped before its folder
 * goes, as systemd may not notice that the cgroup of a unit of its own is not there any more.
 */
export async function releaseCgroup(cgroup: Cgroup, scope: Scope | undefined): Promise<void> {
  if (scope) {
    await killCgroup(cgroup, { sleep });
    const { stopScope } = await import("./scope.ts");
    await stopScope(scope);
  }
  await removeCgroup(cgroup);
}
