/**
 * The host's side of the default network: whole while it counts as ready or a container is in it, and not there at all
 * when it was given back. While somebody makes it or takes it away nothing is found.
 */

import { linkExists } from "../../kernel/procfs/network.ts";
import { damageOf } from "../../network/bridge/damage.ts";
import { bridge } from "../../network/bridge/driver.ts";
import { isLive, listContainers } from "../container/records.ts";
import { type EngineHost, hostSession } from "../host.ts";
import { dump } from "../network/dump.ts";
import { readHost } from "../network/read-host.ts";
import { releaseNetwork } from "../network/release-network.ts";
import { stepInstructions } from "../network/steps.ts";
import { readyNetwork, storedConfig } from "../network/stored-network.ts";
import { bootOf } from "../store/boot.ts";
import { isLocked, withLock } from "../store/lock.ts";
import { check, type Finding, repair } from "./finding.ts";

type Data = "damaged" | "left";

export const network = check<Data>({
  find: async (host) => {
    const config = storedConfig(host.database);
    if (!config || isLocked(host, "network")) return [];
    const where = config.link.name;
    if (!isNeeded(host)) {
      if (!linkExists(where)) return [];
      const why = "it was given back, and its bridge is still there";
      return [{ what: "network", where, why, remedy: repair("takes it off the host"), data: "left" }];
    }
    const session = hostSession(host);
    try {
      const ask = (what: string, request: Parameters<typeof dump>[2]) => dump(session, what, request);
      const damage = await damageOf(config, await readHost(session), ask);
      return damage.map(
        (why): Finding<Data> => ({
          what: "network",
          where,
          why: `it ${why}`,
          remedy: repair("makes it again; containers keep theirs"),
          data: "damaged",
        }),
      );
    } finally {
      session.close();
    }
  },
  mend: (host, data) =>
    withLock(host, "network", async () => {
      const config = storedConfig(host.database);
      if (!config || isNeeded(host) !== (data === "damaged")) return;
      if (data === "left") return releaseNetwork(host, config);
      const session = hostSession(host);
      try {
        await session.run(stepInstructions(bridge.setup.network(config), "host", session.slots));
      } finally {
        session.close();
      }
    }),
});

/** Whoever comes next takes it for ready, or somebody is in it. */
function isNeeded(host: EngineHost): boolean {
  if (readyNetwork({ database: host.database, boot: bootOf() })) return true;
  return listContainers(host.database).some((record) => isLive(record) && record.endpoint !== undefined);
}
