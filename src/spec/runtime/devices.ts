/** Device nodes and network interfaces of the container (runtime-spec, config-linux.md#devices, #network-devices). */

import { int64, kernelText, oneOf, uint32 } from "../schema/scalars.ts";
import { type Infer, object, omitEmpty, optional } from "../schema/schema.ts";

export const device = object({
  /** mknod(1): block, character (`u` is unbuffered, the same to Linux), or a fifo. */
  type: oneOf(["b", "c", "u", "p"]),
  path: kernelText,
  /** Absent only for a fifo. */
  major: optional(int64),
  minor: optional(int64),
  /** In JSON decimal; without the file type. */
  fileMode: optional(uint32),
  uid: optional(uint32),
  gid: optional(uint32),
});

/** `name` is the interface's name inside the container; "%d" in it lets the kernel choose a free number. */
export const netDevice = object({ name: omitEmpty(kernelText) });

export interface Device extends Infer<typeof device> {}
export type DeviceType = Device["type"];
export interface NetDevice extends Infer<typeof netDevice> {}
