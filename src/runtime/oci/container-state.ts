/** The state of a container as hooks and seccomp agents read it (runtime.md#state), and as `state` prints it. */

import type { ContainerStatus, State } from "../../spec/runtime/state.ts";
import { runtimeSpecVersion } from "../../spec/runtime/version.ts";
import { isFrozen } from "./cgroup.ts";
import type { OciContext } from "./context.ts";
import type { ContainerRecord } from "./record.ts";
import { isAlive, type Status, statusOf } from "./status.ts";

/** The spec's form. */
export function specState(record: ContainerRecord, status: ContainerStatus, pid: number): State {
  return {
    ociVersion: runtimeSpecVersion,
    id: record.id,
    status,
    pid,
    bundle: record.bundle,
    ...(record.annotations ? { annotations: record.annotations } : {}),
  };
}

/** runc's form: the spec's, and what its users look for besides. */
export interface ContainerState {
  readonly ociVersion: string;
  readonly id: string;
  /** 0 when there is no process. */
  readonly pid: number;
  readonly status: Status;
  readonly bundle: string;
  readonly rootfs: string;
  readonly created: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly owner: string;
}

export function containerState(context: OciContext, id: string): ContainerState {
  const record = context.store.read(id);
  const status = statusOf(context.store, record, isFrozen);
  return {
    ociVersion: record.ociVersion,
    id,
    pid: isAlive(status) ? (record.process?.pid ?? 0) : 0,
    status,
    bundle: record.bundle,
    rootfs: record.rootfs,
    created: record.created,
    ...(record.annotations ? { annotations: record.annotations } : {}),
    owner: record.owner,
  };
}

/** Every container; one that vanishes meanwhile, or whose state cannot be read, is left out with a warning. */
export function listContainers(context: OciContext): readonly ContainerState[] {
  const found: ContainerState[] = [];
  for (const id of context.store.list().toSorted()) {
    try {
      found.push(containerState(context, id));
    } catch (error) {
      context.warn(`cannot list ${id}: ${(error as Error).message}`);
    }
  }
  return found;
}
