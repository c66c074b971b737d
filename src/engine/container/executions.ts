/**
 * Commands for a running container that are made first and started later, as Docker's API has them. A row says what is
 * to be executed and, when it has ended, how; whoever started it is in the row as well, so that one whose starter is
 * gone is not taken for one that runs.
 */

import { BrigError } from "../../base/errors.ts";
import { containerId } from "../../base/ids.ts";
import { recordEvent } from "../events/record.ts";
import type { EngineHost } from "../host.ts";
import type { Session, Streams } from "../session.ts";
import { commandText, execInContainer } from "./exec.ts";
import type { ExecSpec } from "./info.ts";
import type { ContainerRecord } from "./records.ts";

export interface ExecutionInfo {
  readonly id: string;
  readonly container: string;
  readonly spec: ExecSpec;
  readonly running: boolean;
  /** Of its process, once it was started. */
  readonly pid?: number;
  readonly exitCode?: number;
}

/** How many that have ended are kept of a container, for whoever asks how. */
const kept = 64;

export function createExecution(host: EngineHost, record: ContainerRecord, spec: ExecSpec): string {
  const id = containerId(host.random);
  host.database.transientTransaction(() => {
    host.database.run(
      "INSERT INTO execution (id, container, created, spec) VALUES (?, ?, ?, ?)",
      id,
      record.id,
      host.now(),
      JSON.stringify(spec),
    );
    recordEvent(host, `exec_create: ${commandText(spec)}`, record, { execID: id });
    host.database.run(
      `DELETE FROM execution WHERE container = ? AND exit_code IS NOT NULL AND id NOT IN
         (SELECT id FROM execution WHERE container = ? ORDER BY created DESC LIMIT ?)`,
      record.id,
      record.id,
      kept,
    );
  });
  return id;
}

/** Throws `not-found`. */
export function findExecution(host: EngineHost, id: string): ExecutionInfo {
  const row = host.database.get(
    "SELECT id, container, spec, owner, pid, exit_code FROM execution WHERE id = ?",
    id,
  );
  if (!row) throw new BrigError("not-found", `No such exec instance: ${id}`, { code: "no-such-exec" });
  const owner = row.owner === null ? undefined : String(row.owner);
  const exitCode = row.exit_code === null ? undefined : Number(row.exit_code);
  return {
    id: String(row.id),
    container: String(row.container),
    spec: JSON.parse(String(row.spec)),
    running: exitCode === undefined && owner !== undefined && host.owner.isAlive(owner),
    ...(row.pid === null ? {} : { pid: Number(row.pid) }),
    ...(exitCode === undefined ? {} : { exitCode }),
  };
}

/** Ids of those of a container that run. */
export function runningExecutions(host: EngineHost, container: string): readonly string[] {
  return host.database
    .all(
      "SELECT id FROM execution WHERE container = ? AND owner IS NOT NULL AND exit_code IS NULL",
      container,
    )
    .map((row) => findExecution(host, String(row.id)))
    .filter(({ running }) => running)
    .map(({ id }) => id);
}

/** Each once. The session's `wait` records how it ended. */
export async function startExecution(
  host: EngineHost,
  record: ContainerRecord,
  { id, spec }: ExecutionInfo,
  streams: Streams,
): Promise<Session> {
  const claimed = host.database.transientTransaction(() =>
    host.database.run("UPDATE execution SET owner = ? WHERE id = ? AND owner IS NULL", host.owner.id, id),
  );
  if (claimed === 0)
    throw new BrigError("conflict", `Error: Exec command ${id} has already run`, { code: "has-run" });
  const ended = (code: number) =>
    host.database.transientTransaction(() =>
      host.database.run("UPDATE execution SET exit_code = ? WHERE id = ?", code, id),
    );
  try {
    const session = await execInContainer(host, record, spec, streams, id);
    const wait = session.wait().then((end) => {
      ended(end.code);
      return end;
    });
    wait.catch(() => ended(killed));
    if (session.pid !== undefined)
      host.database.transientTransaction(() =>
        host.database.run("UPDATE execution SET pid = ? WHERE id = ?", session.pid!, id),
      );
    return { ...session, wait: () => wait };
  } catch (error) {
    ended(error instanceof BrigError ? exitOf(error) : killed);
    throw error;
  }
}

/** One whose starter is gone: nobody else hears of its end. */
export function endAbandoned({ database }: EngineHost, id: string, owner: string): void {
  database.run(
    "UPDATE execution SET exit_code = ? WHERE id = ? AND owner = ? AND exit_code IS NULL",
    killed,
    id,
    owner,
  );
}

/** Of one that went with its container: as if by SIGKILL. */
const killed = 137;

function exitOf({ kind }: BrigError): number {
  return kind === "command-not-found" ? 127 : 126;
}
