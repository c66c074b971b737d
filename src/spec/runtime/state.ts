/** The state of a container as hooks, `state` and seccomp agents read it (runtime-spec, runtime.md#state). */

import { parseJson } from "../schema/json.ts";
import { integer, oneOf, text } from "../schema/scalars.ts";
import { type Infer, list, object, omitEmpty, optional, record } from "../schema/schema.ts";

export const containerStatuses = ["creating", "created", "running", "stopped"] as const;

const pid = integer(0, 0x7fff_ffff);

export const state = object({
  ociVersion: text,
  id: text,
  status: oneOf(containerStatuses),
  /** Present while created or running; as seen by whoever reads the state. */
  pid: optional(pid),
  /** Absolute path of the bundle on the host. */
  bundle: text,
  annotations: optional(record(text)),
});

/** What a seccomp agent gets with the notification fd (config-linux.md#the-container-process-state). */
export const containerProcessState = object({
  ociVersion: text,
  /** Names of the file descriptors that come with the message, in their order. */
  fds: optional(list(text)),
  pid,
  metadata: omitEmpty(text),
  state,
});

/** Name of the notification fd in `fds`. */
export const seccompFdName = "seccompFd";

export type ContainerStatus = (typeof containerStatuses)[number];
export interface State extends Infer<typeof state> {}
export interface ContainerProcessState extends Infer<typeof containerProcessState> {}

/** Greatest length of a state: annotations are most of it. */
export const stateLimit = 1024 * 1024;

/** The text of a state as its type. */
export function parseState(json: string, name = "state"): State {
  return parseJson(state, json, name, stateLimit);
}
