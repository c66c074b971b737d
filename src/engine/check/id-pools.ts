/** Pools of host ids that this root's database and the host's ledger do not agree on: another root could be given them. */

import { type EngineHost, hostSession } from "../host.ts";
import { agree, type Disagreement, disagreements } from "../ids/pool.ts";
import { endOf } from "../ids/range.ts";
import { advice, check, type Finding, repair } from "./finding.ts";

export const idPools = check<undefined>({
  find: (host) => disagreements(host).map(told),
  mend: (host: EngineHost) => agree({ ...host, session: () => hostSession(host) }),
});

function told({ kind, pool, by }: Disagreement): Finding<undefined> {
  const where = `${pool.first}-${endOf(pool) - 1}`;
  const finding = { what: "ids", where, data: undefined } as const;
  switch (kind) {
    case "unlisted":
      return {
        ...finding,
        why: "containers of this root have them, and the list of the host does not say so",
        remedy: repair("puts them on the list"),
      };
    case "forgotten":
      return {
        ...finding,
        why: "they are kept for this root, which does not know of it",
        remedy: repair("lets the root use them"),
      };
    case "taken":
      return {
        ...finding,
        why: `this root has them, and so has ${by}`,
        remedy: advice(
          "remove the containers with --userns of one of the two, then run brig system release there",
        ),
      };
  }
}
