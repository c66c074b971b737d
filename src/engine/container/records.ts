/** Rows of the container table, and how a reference finds one. */

import { BrigError } from "../../base/errors.ts";
import type { ContainerId } from "../../base/ids.ts";
import type { Cgroup } from "../../kernel/cgroup/cgroup.ts";
import type { Endpoint } from "../../network/endpoint.ts";
import type { IdRange } from "../ids/range.ts";
import type { StorageDriver } from "../snapshot/snapshotter.ts";
import type { Database } from "../store/database.ts";
import type { ContainerState } from "./info.ts";
import type { ContainerSpec } from "./spec.ts";

export interface ContainerRecord {
  readonly id: ContainerId;
  readonly name: string;
  readonly imageId: string;
  readonly state: ContainerState;
  readonly created: number;
  readonly started?: number;
  readonly finished?: number;
  readonly exitCode?: number;
  readonly oom: boolean;
  readonly error?: string;
  readonly pid?: number;
  /** The process at work on a container that is starting or being removed. */
  readonly owner?: string;
  /** The process that is, or was last, its shim. */
  readonly shim?: string;
  /** The process that has stopped it, or is about to, and will start it again. */
  readonly restarter?: string;
  /** What its root was made by. */
  readonly driver: StorageDriver;
  readonly spec: ContainerSpec;
  readonly endpoint?: Endpoint;
  readonly cgroup?: Cgroup;
  /** Ids of the host that are its own, where it has a user namespace. */
  readonly ids?: IdRange;
}

const columns =
  "id, name, image, state, created, started, finished, exit_code, oom, error, pid, owner, shim, restarter, driver, spec, endpoint, cgroup, ids";
("id, name, image, state, created, started, finished, exit_code, oom, error, pid, owner, shim, restarter, spec, endpoint, cgroup, ids");

export function insertContainer(
  database: Database,
  record: Pick<ContainerRecord, "id" | "name" | "imageId" | "state" | "created" | "driver" | "spec"> & {
    readonly owner?: string;
    readonly shim?: string;
  },
): void {
  const { id, name, imageId, state, created, driver, spec, owner, shim } = record;
  try {
    database.run(
      "INSERT INTO container (id, name, image, state, created, auto_remove, driver, spec, owner, shim) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      id,
      name,
      imageId,
      state,
      created,
      spec.autoRemove ? 1 : 0,
      driver,
      JSON.stringify(spec),
      owner ?? null,
      shim ?? null,
    );
  } catch (error) {
    const other = database.get("SELECT id FROM container WHERE name = ?", name);
    if (!other) throw error;
    throw new BrigError(
      "conflict",
      `cannot create the container: the name "/${name}" is already in use by container "${other.id}"; remove or rename that container to be able to reuse that name`,
      { code: "name-in-use", cause: error },
    );
  }
}

type Changes = Partial<{
  name: string;
  spec: string;
  state: ContainerState;
  started: number;
  finished: number;
  exit_code: number;
  oom: number;
  error: string | null;
  pid: number | null;
  owner: string | null;
  shim: string | null;
  restarter: string | null;
  endpoint: string | null;
  cgroup: string | null;
}>;

/** It has a shim, or is about to. */
export function isLive({ state }: Pick<ContainerRecord, "state">): boolean {
  return state === "starting" || state === "running" || state === "paused";
}

/** A container that runs has one in its row. */
export function runningCgroup({ id, cgroup }: Pick<ContainerRecord, "id" | "cgroup">): Cgroup {
  if (cgroup) return cgroup;
  throw new BrigError("internal", `cannot find the cgroup of container ${id}: its row names none`);
}

/** False when the container is not (or no longer) in one of the states `from`. */
export function updateContainer(
  database: Database,
  id: ContainerId,
  changes: Changes,
  from?: readonly ContainerState[],
): boolean {
  const names = Object.keys(changes);
  const guard = from ? ` AND state IN (${from.map(() => "?").join(", ")})` : "";
  const sql = `UPDATE container SET ${names.map((n) => `${n} = ?`).join(", ")} WHERE id = ?${guard}`;
  return database.run(sql, ...Object.values(changes), id, ...(from ?? [])) > 0;
}

export function readContainer(database: Database, id: string): ContainerRecord | undefined {
  const row = database.get(`SELECT ${columns} FROM container WHERE id = ?`, id);
  return row && recordOf(row);
}

/** The newest first. */
export function listContainers(
  database: Database,
  states?: readonly ContainerState[],
): readonly ContainerRecord[] {
  const guard = states ? `WHERE state IN (${states.map(() => "?").join(", ")})` : "";
  return database
    .all(`SELECT ${columns} FROM container ${guard} ORDER BY created DESC, rowid DESC`, ...(states ?? []))
    .map(recordOf);
}

/** Those that somebody restarts, or was about to. */
export function listRestarting(database: Database): readonly ContainerRecord[] {
  return database.all(`SELECT ${columns} FROM container WHERE restarter IS NOT NULL`).map(recordOf);
}

/** By full id, by name, by the beginning of an id; in this order, as Docker does. */
export function findContainer(database: Database, reference: string): ContainerRecord {
  const name = reference.startsWith("/") ? reference.slice(1) : reference;
  const exact =
    readContainer(database, reference) ??
    map(database.get(`SELECT ${columns} FROM container WHERE name = ?`, name), recordOf);
  if (exact) return exact;
  const candidates = /^[0-9a-f]{1,64}$/.test(reference)
    ? database.all(
        `SELECT ${columns} FROM container WHERE id >= ? AND id < ? LIMIT 2`,
        reference,
        `${reference}g`,
      )
    : [];
  if (candidates.length > 1)
    throw new BrigError("invalid", `multiple IDs found with provided prefix: ${reference}`, {
      code: "ambiguous-id",
    });
  if (!candidates[0])
    throw new BrigError("not-found", `No such container: ${reference}`, { code: "no-such-container" });
  return recordOf(candidates[0]);
}

function recordOf(row: Record<string, unknown>): ContainerRecord {
  const number = (value: unknown) => (value === null || value === undefined ? undefined : Number(value));
  const [started, finished] = [number(row.started), number(row.finished)];
  const [exitCode, pid] = [number(row.exit_code), number(row.pid)];
  return {
    id: String(row.id) as ContainerId,
    name: String(row.name),
    imageId: String(row.image),
    state: String(row.state) as ContainerState,
    created: Number(row.created),
    oom: row.oom === 1,
    driver: String(row.driver) as StorageDriver,
    spec: JSON.parse(String(row.spec)) as ContainerSpec,
    ...(started === undefined ? {} : { started }),
    ...(finished === undefined ? {} : { finished }),
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(pid === undefined ? {} : { pid }),
    ...(row.error === null ? {} : { error: String(row.error) }),
    ...(row.owner === null ? {} : { owner: String(row.owner) }),
    ...(row.shim === null ? {} : { shim: String(row.shim) }),
    ...(row.restarter === null ? {} : { restarter: String(row.restarter) }),
    ...(row.endpoint === null ? {} : { endpoint: JSON.parse(String(row.endpoint)) as Endpoint }),
    ...(row.cgroup === null ? {} : { cgroup: JSON.parse(String(row.cgroup)) as Cgroup }),
    ...(row.ids === null ? {} : { ids: JSON.parse(String(row.ids)) as IdRange }),
  };
}

function map<T, R>(value: T | undefined, change: (value: T) => R): R | undefined {
  return value === undefined ? undefined : change(value);
}
