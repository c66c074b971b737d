/**
 * Where `brig-shim` is: what BRIG_SHIM says; beside the executable; in `libexec` where brig is installed; or in
 * the checkout's `bin` when brig runs from source.
 */

import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { HostPath } from "../../base/ids.ts";

export function shimPath(
  override: string | undefined = process.env.BRIG_SHIM,
  executable: string = process.execPath,
  module: string = import.meta.dirname,
): HostPath {
  if (override) return override as HostPath;
  if (!isCompiled(module)) return join(module, "../../../bin/brig-shim") as HostPath;
  const beside = join(dirname(executable), "brig-shim");
  if (existsSync(beside)) return beside as HostPath;
  return join(dirname(executable), "../libexec/brig/brig-shim") as HostPath;
}

/** Bun keeps the sources of a compiled executable under this name. */
function isCompiled(module: string): boolean {
  return module.includes("/$bunfs/");
}
