/**
 * The table of all checks, in the order in which they mend: what is mended first may be the reason for the rest, or leave
 * something for it.
 */

import { blobs } from "./blobs.ts";
import { cgroups } from "./cgroups.ts";
import { containerFolders } from "./container-folders.ts";
import { containers } from "./containers.ts";
import { database } from "./database.ts";
import { executions } from "./executions.ts";
import type { Check } from "./finding.ts";
import { halfMade } from "./half-made.ts";
import { idPools } from "./id-pools.ts";
import { contents, images } from "./images.ts";
import { layers } from "./layers.ts";
import { leases } from "./leases.ts";
import { links } from "./links.ts";
import { locks } from "./locks.ts";
import { logs } from "./logs.ts";
import { mergedImages } from "./merged-images.ts";
import { mountedVolumes } from "./mounted-volumes.ts";
import { network } from "./network.ts";
import { permissions } from "./permissions.ts";
import { ports } from "./ports.ts";
import { runFolders } from "./run-folders.ts";
import { shims } from "./shims.ts";
import { volumes } from "./volumes.ts";

/** Nothing else can be told where nobody can read the rows. */
export const first: Check = database;

export const checks: readonly Check[] = [
  permissions,
  containers,
  shims,
  cgroups,
  network,
  links,
  ports,
  leases,
  idPools,
  executions,
  runFolders,
  containerFolders,
  logs,
  mountedVolumes,
  volumes,
  contents,
  images,
  blobs,
  layers,
  mergedImages,
  halfMade,
  locks,
];
