/** `--pid-file`: appears with its content, so that whoever watches for it never reads half a number. */

import { renameSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

export function writePidFile(path: string, pid: number): void {
  const draft = join(dirname(path), `.${basename(path)}.${process.pid}`);
  writeFileSync(draft, String(pid), { mode: 0o644 });
  renameSync(draft, path);
}
