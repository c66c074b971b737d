/**
 * A container's range of host ids: in its row from its creation to its removal, so that files which it leaves in folders
 * of the host stay its own over a restart. Containers that share a user namespace share the range.
 */

import { BrigError } from "../../base/errors.ts";
import type { ContainerId } from "../../base/ids.ts";
import type { ContainerSpec } from "../container/spec.ts";
import type { Database } from "../store/database.ts";
import { endOf, freeRange, type IdRange, poolSize, usualSize } from "./range.ts";

/** No range is free in what this root has: it needs one more pool. */
export const needsPool = "needs-id-pool";

/** Inside the caller's transaction, when the container has its row. Throws with the code `needsPool`. */
export function leaseIds(
  database: Database,
  id: ContainerId,
  { namespaces }: Pick<ContainerSpec, "namespaces">,
): IdRange | undefined {
  const user = namespaces?.user;
  if (user === undefined || user.kind === "host") return undefined;
  const range =
    user.kind === "container"
      ? idsOf(database, user.container)
      : newRange(database, user.kind === "private" ? (user.size ?? usualSize) : usualSize);
  database.run("UPDATE container SET ids = ? WHERE id = ?", JSON.stringify(range), id);
  return range;
}

/** Of another container. */
function idsOf(database: Database, container: string): IdRange {
  const ids = database.get("SELECT ids FROM container WHERE id = ?", container)?.ids;
  if (typeof ids === "string") return JSON.parse(ids) as IdRange;
  throw new BrigError(
    "conflict",
    `cannot join the user namespace of container ${container}: it has that of the host; use --userns host`,
  );
}

function newRange(database: Database, size: number): IdRange {
  if (!(size >= 1 && size <= poolSize))
    throw new BrigError("invalid", `cannot lease ${size} host ids: a container can have 1 to ${poolSize}`);
  const next = Number(database.get("SELECT id FROM id_next")?.id ?? 0);
  const range = freeRange(poolsOf(database), leasedRanges(database), size, next);
  if (!range)
    throw new BrigError("exhausted", `cannot lease ${size} host ids: all are given to containers`, {
      code: needsPool,
    });
  database.run("INSERT OR REPLACE INTO id_next (one, id) VALUES (1, ?)", endOf(range));
  return range;
}

export function poolsOf(database: Database): readonly IdRange[] {
  return database
    .all("SELECT first, size FROM id_pool ORDER BY first")
    .map(({ first, size }) => ({ first: Number(first), size: Number(size) }));
}

export function leasedRanges(database: Database): readonly IdRange[] {
  return database
    .all("SELECT ids FROM container WHERE ids IS NOT NULL")
    .map(({ ids }) => JSON.parse(String(ids)) as IdRange);
}
