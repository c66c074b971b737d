/** Nothing on the host can be in the way. */

import type { Finding } from "../driver.ts";

export function validate(): readonly Finding[] {
  return [];
}
