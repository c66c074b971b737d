/**
 * config.json of an OCI bundle for Linux (runtime-spec 1.3, config.md and config-linux.md).
 *
 * Invariants: what has the wrong type or is outside a closed set of words is refused here, with its place; what
 * contradicts the spec or another field is found by `validate.ts`. Sections for other platforms (`solaris`,
 * `windows`, `vm`, `zos`, `freebsd`) are unknown properties to a Linux runtime and ignored (config.md#extensibility).
 */

import { parseJson } from "../schema/json.ts";
import { kernelText, text } from "../schema/scalars.ts";
import { type Infer, list, object, omitEmpty, optional, record } from "../schema/schema.ts";
import { hooks } from "./hooks.ts";
import { linux } from "./linux.ts";
import { mount, root } from "./mounts.ts";
import { process } from "./process.ts";

/** Greatest length of a config.json: 40 times what an engine writes with its longest seccomp profile. */
export const runtimeConfigLimit = 4 * 1024 * 1024;

export const runtimeConfig = object({
  /** Semantic version of the runtime-spec that the bundle complies with. */
  ociVersion: text,
  root: optional(root),
  mounts: optional(list(mount)),
  process: optional(process),
  hostname: omitEmpty(kernelText),
  domainname: omitEmpty(kernelText),
  hooks: optional(hooks),
  annotations: optional(record(text)),
  linux: optional(linux),
});

export interface RuntimeConfig extends Infer<typeof runtimeConfig> {}

/** The text of a config.json as its type; `name` is what errors call the document. */
export function parseRuntimeConfig(json: string, name = "config.json"): RuntimeConfig {
  return parseJson(runtimeConfig, json, name, runtimeConfigLimit);
}
