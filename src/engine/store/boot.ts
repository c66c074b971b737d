/** Which boot of the host this is: what was made in another one is gone. */

import { readFileSync } from "node:fs";

export function bootOf(procfs = "/proc"): string {
  return readFileSync(`${procfs}/sys/kernel/random/boot_id`, "latin1").trim();
}
