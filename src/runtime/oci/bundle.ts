/** A bundle (runtime-spec, bundle.md): a directory with config.json, named by the caller, and the root it points to. */

import { readFileSync, statSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { BrigError } from "../../base/errors.ts";
import type { HostPath } from "../../base/ids.ts";
import { parseRuntimeConfig, type RuntimeConfig } from "../../spec/runtime/config.ts";
import { validateRuntimeConfig } from "../../spec/runtime/validate.ts";

export interface Bundle {
  readonly path: HostPath;
  /** config.json as it was read: what the container is, whatever becomes of the file. */
  readonly text: string;
  readonly config: RuntimeConfig;
  readonly rootfs: HostPath;
}

/** `file` replaces config.json. Warnings of the config go to `warn`. */
export function readBundle(directory: string, warn: (message: string) => void, file?: string): Bundle {
  const path = resolve(directory) as HostPath;
  const name = file ?? join(path, "config.json");
  const text = readText(name);
  const config = parseRuntimeConfig(text, name);
  for (const warning of validateRuntimeConfig(config, name)) warn(warning);
  // validateRuntimeConfig refuses a config without a root.
  const root = config.root!.path;
  const rootfs = (isAbsolute(root) ? root : join(path, root)) as HostPath;
  if (!statSync(rootfs, { throwIfNoEntry: false })?.isDirectory())
    throw new BrigError("invalid", `cannot use the bundle ${path}: its root ${rootfs} is not a directory`);
  return { path, text, config, rootfs };
}

/** A file that the caller names. */
export function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === "ENOENT";
    throw new BrigError(
      missing ? "not-found" : "invalid",
      `cannot read ${path}: ${missing ? "no such file or directory" : (cause as Error).message}`,
      { cause },
    );
  }
}
