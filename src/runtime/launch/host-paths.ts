/** Everything of the host that the container's mounts refer to, opened before the host's tree is left. */

import type { Slot } from "../../kernel/program/argument.ts";
import type { LaunchContext } from "./context.ts";
import { openDevices } from "./devices.ts";
import type { Mappings } from "./idmap.ts";
import { openMapped } from "./mapped-root.ts";
import { openNull } from "./masks.ts";
import { openOrigins, openSources } from "./mounts.ts";
import type { LaunchOptions } from "./options.ts";
import { keepMountsIn, openRoot } from "./rootfs.ts";

export interface Opened {
  readonly mounts: ReturnType<typeof openSources>;
  readonly devices: ReturnType<typeof openDevices>;
  readonly nothing: Slot | undefined;
}

export function openHostPaths(c: LaunchContext, options: LaunchOptions, mappings: Mappings): Opened {
  const { origins } = options;
  const mounts = openSources(c, options.host, mappings.mounts, origins);
  const devices = openDevices(c);
  const nothing = openNull(c);
  // Sources keep the host's propagation, which `rshared` needs; an overlay that is mounted for the root has none.
  if (c.opener === c.child) keepMountsIn(c.child);
  const opened = { mounts, devices, nothing };
  if (mappings.root) openMapped(c, options, mounts, mappings.root);
  else {
    if (origins && origins.size > 0) openOrigins(c, mounts, origins);
    openRoot(c, options.root);
  }
  return opened;
}
