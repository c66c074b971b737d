/** The container's root and mounts (runtime-spec, config.md#root, config.md#mounts). */

import { boolean, kernelText, uint32 } from "../schema/scalars.ts";
import { type Infer, list, object, omitEmpty, optional } from "../schema/schema.ts";

export const root = object({
  /** Absolute, or relative to the bundle. */
  path: kernelText,
  readonly: optional(boolean),
});

/** A range of user or group ids of a user namespace (config-linux.md#user-namespace-mappings). */
export const idMapping = object({ containerID: uint32, hostID: uint32, size: uint32 });

export const mount = object({
  /** Path inside the container; a relative one is deprecated and meant as below "/". */
  destination: kernelText,
  type: omitEmpty(kernelText),
  /** A device, a dummy, or for a bind mount a path on the host, absolute or relative to the bundle. */
  source: omitEmpty(kernelText),
  options: optional(list(kernelText)),
  uidMappings: optional(list(idMapping)),
  gidMappings: optional(list(idMapping)),
});

export interface Root extends Infer<typeof root> {}
export interface IdMapping extends Infer<typeof idMapping> {}
export interface Mount extends Infer<typeof mount> {}
