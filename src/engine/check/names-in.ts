/** The names in a folder of brig's, which is made when it is first needed. */

import { readdirSync } from "node:fs";

/** None where there is no such folder (any more). */
export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
