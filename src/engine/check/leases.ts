/** Addresses and ports that are taken for a container which does not have them, or that another one could be given. */

import { isLive, listContainers } from "../container/records.ts";
import type { EngineHost } from "../host.ts";
import { type Holding, holdingsOf, storedHoldings } from "../network/attachment.ts";
import { check, type Finding, repair } from "./finding.ts";

interface Data {
  readonly kind: "lost" | "stray";
  readonly holding: Holding;
}

export const leases = check<Data>({
  find: (host) => host.database.transaction(() => wrong(host)),
  mend: ({ database }, { kind, holding }) => {
    database.transaction(() => {
      const still = wrong({ database }).some(({ data }) => data.kind === kind && same(data.holding, holding));
      if (!still) return;
      if (kind === "stray")
        database.run(`DELETE FROM ${holding.table} WHERE ${where(holding)}`, ...holding.key);
      else
        database.run(
          `INSERT INTO ${holding.table} (${holding.columns.join(", ")}, container) VALUES (${holding.key.map(() => "?").join(", ")}, ?)`,
          ...holding.key,
          holding.container,
        );
    });
  },
});

const where = ({ columns }: Holding) => columns.map((column) => `${column} = ?`).join(" AND ");

const same = (a: Holding, b: Holding) =>
  a.table === b.table && a.container === b.container && a.key.join() === b.key.join();

/** Rows and endpoints are of one moment: both change in one transaction. */
function wrong({ database }: Pick<EngineHost, "database">): readonly Finding<Data>[] {
  const live = listContainers(database).filter((record) => isLive(record) || record.state === "removing");
  const due = live.flatMap(holdingsOf);
  const stored = storedHoldings(database);
  const missing = (from: readonly Holding[], among: readonly Holding[]) =>
    from.filter((holding) => !among.some((other) => same(holding, other)));
  const taken = (holding: Holding) =>
    stored.some((other) => other.table === holding.table && other.key.join() === holding.key.join());
  return [
    ...missing(stored, due).map(
      (holding): Finding<Data> => ({
        what: holding.table === "lease" ? "lease" : "port",
        where: holding.key.join(" "),
        why: `it is kept for container ${holding.container.slice(0, 12)}, which ${
          live.some(({ id }) => id === holding.container) ? "has another one" : "does not run"
        }`,
        remedy: repair("gives it back"),
        data: { kind: "stray", holding },
      }),
    ),
    ...missing(due, stored)
      .filter((holding) => !taken(holding))
      .map(
        (holding): Finding<Data> => ({
          what: holding.table === "lease" ? "lease" : "port",
          where: holding.key.join(" "),
          why: `container ${holding.container.slice(0, 12)} has it, and it is kept for nobody`,
          remedy: repair("keeps it for the container"),
          data: { kind: "lost", holding },
        }),
      ),
  ];
}
