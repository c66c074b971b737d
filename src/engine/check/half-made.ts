/** Files under the name of a process that made them and is gone: they were to be renamed, or to be removed by it. */

import { rmSync } from "node:fs";
import { join } from "node:path";
import { abandonedLeases, removeAbandoned } from "../../image/store/lease.ts";
import { abandonedEntries, removeAbandonedEntries } from "../../image/store/lock.ts";
import { ownerId } from "../../image/store/owner.ts";
import { ingestFolder } from "../../image/store/store.ts";
import type { EngineHost } from "../host.ts";
import { paths } from "../roots.ts";
import { check, repair } from "./finding.ts";
import { namesIn } from "./names-in.ts";

type Data =
  | { readonly kind: "lease" }
  | { readonly kind: "entry" }
  | { readonly kind: "file"; readonly path: string };

interface Left {
  readonly what: string;
  readonly where: string;
  readonly data: Data;
}

export const halfMade = check<Data>({
  find: (host) =>
    leftBy(host).map((left) => ({
      ...left,
      why: "the process that made it is gone",
      remedy: repair("removes it"),
    })),
  mend: (host, data) => {
    if (data.kind === "lease") removeAbandoned(host.images);
    else if (data.kind === "entry") removeAbandonedEntries(host.images);
    // Never shaped by a container: brig writes all that is in it.
    else rmSync(data.path, { recursive: true, force: true });
  },
});

function leftBy({ images, roots }: EngineHost): readonly Left[] {
  const files = [
    { folder: paths.filters(roots), name: /^[0-9a-f]{64}\.(\d+)$/ },
    { folder: paths.layers(roots), name: /^mount-points\.(\d+)$/ },
  ];
  return [
    ...abandonedLeases(images).map((name) => ({
      what: "unfinished blobs",
      where: join(ingestFolder(images), name),
      data: { kind: "lease" } as const,
    })),
    ...abandonedEntries(images).map((name) => ({
      what: "lock",
      where: join(images.folder, "index.lock", name),
      data: { kind: "entry" } as const,
    })),
    ...files.flatMap(({ folder, name }) =>
      namesIn(folder)
        .filter((each) => isOfDead(name.exec(each)?.[1]))
        .map((each) => join(folder, each))
        .map((path) => ({ what: "file", where: path, data: { kind: "file", path } as const })),
    ),
  ];
}

const isOfDead = (pid: string | undefined) => pid !== undefined && ownerId(Number(pid)) === undefined;
