/** The container's process (runtime-spec, config.md#process); `exec` reads the same structure from a file. */

import { parseJson } from "../schema/json.ts";
import { boolean, int32, integer, kernelText, oneOf, text, uint32, uint64 } from "../schema/scalars.ts";
import { defaulted, type Infer, list, object, omitEmpty, optional } from "../schema/schema.ts";
import { scheduler } from "./scheduler.ts";

/** The resources of getrlimit(2) by the names that config.json uses. */
export const rlimitTypes = [
  "RLIMIT_AS",
  "RLIMIT_CORE",
  "RLIMIT_CPU",
  "RLIMIT_DATA",
  "RLIMIT_FSIZE",
  "RLIMIT_LOCKS",
  "RLIMIT_MEMLOCK",
  "RLIMIT_MSGQUEUE",
  "RLIMIT_NICE",
  "RLIMIT_NOFILE",
  "RLIMIT_NPROC",
  "RLIMIT_RSS",
  "RLIMIT_RTPRIO",
  "RLIMIT_RTTIME",
  "RLIMIT_SIGPENDING",
  "RLIMIT_STACK",
] as const;

/** `soft` is what is enforced, `hard` the ceiling an unprivileged process may raise it to; 2^64-1 is no limit. */
export const rlimit = object({ type: oneOf(rlimitTypes), soft: uint64, hard: uint64 });

/** Ids are those of the container's user namespace; absent ones are 0, as other runtimes read them. */
export const user = object({
  uid: defaulted(uint32, 0),
  gid: defaulted(uint32, 0),
  umask: optional(uint32),
  additionalGids: optional(list(uint32)),
  /** Of Windows; kept because it may stand in a document made for both. */
  username: omitEmpty(text),
});

/** Names such as "CAP_CHOWN"; one that the kernel does not know is a warning, not an error. */
export const capabilities = object({
  bounding: optional(list(text)),
  effective: optional(list(text)),
  inheritable: optional(list(text)),
  permitted: optional(list(text)),
  ambient: optional(list(text)),
});

export const ioPriority = object({
  class: oneOf(["IOPRIO_CLASS_RT", "IOPRIO_CLASS_BE", "IOPRIO_CLASS_IDLE"]),
  /** 0 is the highest, 7 the lowest. */
  priority: defaulted(int32, 0),
});

/** Lists of CPUs such as "0-3,7": before and after the process enters the container's cgroup. */
export const cpuAffinity = object({ initial: omitEmpty(text), final: omitEmpty(text) });

/** In characters. */
export const consoleSize = object({ height: uint32, width: uint32 });

export const process = object({
  terminal: optional(boolean),
  consoleSize: optional(consoleSize),
  user: defaulted(user, { uid: 0, gid: 0 }),
  cwd: kernelText,
  args: optional(list(kernelText)),
  env: optional(list(kernelText)),
  capabilities: optional(capabilities),
  rlimits: optional(list(rlimit)),
  noNewPrivileges: optional(boolean),
  apparmorProfile: omitEmpty(kernelText),
  selinuxLabel: omitEmpty(kernelText),
  /** proc(5): from -1000 (never killed) to 1000. */
  oomScoreAdj: optional(integer(-1000, 1000)),
  scheduler: optional(scheduler),
  ioPriority: optional(ioPriority),
  execCPUAffinity: optional(cpuAffinity),
});

export type RlimitType = (typeof rlimitTypes)[number];
export interface Rlimit extends Infer<typeof rlimit> {}
export interface User extends Infer<typeof user> {}
export interface Capabilities extends Infer<typeof capabilities> {}
export interface IoPriority extends Infer<typeof ioPriority> {}
export interface CpuAffinity extends Infer<typeof cpuAffinity> {}
export interface ConsoleSize extends Infer<typeof consoleSize> {}
export interface Process extends Infer<typeof process> {}

/** Greatest length of a process.json: twice the 2 MiB that execve(2) takes of arguments and environment. */
export const processLimit = 4 * 1024 * 1024;

/** The text of a process.json (the `--process` file of `exec`) as its type. */
export function parseProcess(json: string, name = "process.json"): Process {
  return parseJson(process, json, name, processLimit);
}
