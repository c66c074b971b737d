/** Whether systemd can be asked for anything on this host. */

import { statSync } from "node:fs";
import { BrigError } from "../../base/errors.ts";

/** sd_booted(3): the folder that systemd makes as process 1, and nobody else. */
export function isBooted(): boolean {
  return statSync("/run/systemd/system", { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** The words are runc's, which its callers may look for. */
export function requireSystemd(): void {
  if (!isBooted())
    throw new BrigError(
      "unsupported",
      "cannot make a unit: systemd not running on this host, cannot use systemd cgroups manager",
    );
  if (process.getuid?.() !== 0)
    throw new BrigError(
      "unsupported",
      "cannot make a unit: only the host's manager is spoken to, which takes root; use the cgroupfs manager",
    );
}
