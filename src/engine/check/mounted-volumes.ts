/** Volumes with options of their driver that are still mounted on the host, and no container that runs has them. */

import { isInUse, unmountUnused, volumesWithOptions } from "../container/mounted-volumes.ts";
import type { EngineHost } from "../host.ts";
import { isMounted } from "../local/mount.ts";
import { paths } from "../roots.ts";
import { check, type Finding, repair } from "./finding.ts";

export const mountedVolumes = check<string>({
  find: async (host) => {
    const left: string[] = [];
    for (const name of volumesWithOptions(host)) if (await isLeft(host, name)) left.push(name);
    return left.map(
      (name): Finding<string> => ({
        what: "mount",
        where: paths.volume(host.roots, name),
        why: `no container that runs has the volume ${name}`,
        remedy: repair("takes it off the host"),
        data: name,
      }),
    );
  },
  mend: (host, name) => unmountUnused(host, (each) => each === name),
});

async function isLeft(host: EngineHost, name: string): Promise<boolean> {
  return (await isMounted(host, paths.volume(host.roots, name))) && !isInUse(host, name);
}
