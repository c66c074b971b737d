/**
 * The system call filter (runtime-spec, config-linux.md#seccomp) as text: actions, architectures, operators and
 * system call names are words here, and get their meaning and their errors where the filter is compiled.
 */

import { kernelText, text, uint32, uint64 } from "../schema/scalars.ts";
import { defaulted, type Infer, list, object, omitEmpty, optional } from "../schema/schema.ts";

export const seccompArg = object({
  index: uint32,
  value: uint64,
  valueTwo: defaulted(uint64, 0),
  op: text,
});

export const seccompRule = object({
  names: list(text),
  action: text,
  errnoRet: optional(uint32),
  args: optional(list(seccompArg)),
});

export const seccomp = object({
  defaultAction: text,
  defaultErrnoRet: optional(uint32),
  architectures: optional(list(text)),
  flags: optional(list(text)),
  /** Unix socket that receives the notification fd. */
  listenerPath: omitEmpty(kernelText),
  listenerMetadata: omitEmpty(text),
  syscalls: optional(list(seccompRule)),
});

export interface SeccompArg extends Infer<typeof seccompArg> {}
export interface SeccompRule extends Infer<typeof seccompRule> {}
export interface Seccomp extends Infer<typeof seccomp> {}
