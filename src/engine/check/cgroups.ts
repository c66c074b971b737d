/**
 * Cgroups of containers that do not run, with all that lives in them: a command that `exec` has started, too. What is
 * not called as a container is somebody else's (`--cgroup-parent`), and stays.
 */

import { hostPath } from "../../kernel/cgroup/cgroup.ts";
import { childCgroups } from "../../kernel/cgroup/live/files.ts";
import { cgroupPids } from "../../kernel/cgroup/live/pids.ts";
import { removeCgroup } from "../../kernel/cgroup/live/remove.ts";
import { cgroupAt } from "../container/cgroup.ts";
import { filesLock } from "../container/files/lock.ts";
import { isLive, readContainer } from "../container/records.ts";
import { hostNames } from "../roots.ts";
import { lock } from "../store/lock.ts";
import { check, repair } from "./finding.ts";

/** By the id of its container. */
export const cgroups = check<string>({
  find: ({ roots, database }) => {
    const parent = hostNames.cgroup(roots);
    const folders = cgroupAt(parent).directories.map(hostPath);
    const ids = new Set(folders.flatMap(childCgroups).filter((name) => /^[0-9a-f]{64}$/.test(name)));
    return [...ids].flatMap((id) => {
      const record = readContainer(database, id);
      // One that is being removed is its remover's.
      if (record && (isLive(record) || record.state === "removing")) return [];
      const count = cgroupPids(cgroupAt(`${parent}/${id}`)).length;
      return [
        {
          what: "cgroup",
          where: `${parent}/${id}`,
          why: `${record ? `container ${record.name} does not run` : "there is no such container"}${count > 0 ? `; ${count} processes are in it` : ""}`,
          remedy: repair("kills what is in it and removes it"),
          data: id,
        },
      ];
    });
  },
  mend: async (host, id) => {
    // Nobody starts the container while this is held.
    using _ = await lock(host, filesLock(id as Parameters<typeof filesLock>[0]));
    const record = readContainer(host.database, id);
    if (!record || !isLive(record)) await removeCgroup(cgroupAt(`${hostNames.cgroup(host.roots)}/${id}`));
  },
});
