/** fsync(2) of a file, or of a folder after a name in it has changed: without the latter a crash may lose the name. */

import { open } from "node:fs/promises";

export async function synced(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
