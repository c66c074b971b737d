/** Takes the host's side of the default network away; its configuration stays, and the next container has it made again. */

import { batch } from "../../kernel/nftables/batch.ts";
import { deleteTable } from "../../kernel/nftables/table.ts";
import type { BridgeConfig } from "../../network/bridge/config.ts";
import { bridge } from "../../network/bridge/driver.ts";
import { netlinkStep, type Step } from "../../network/step.ts";
import { type EngineHost, hostSession } from "../host.ts";
import { stepInstructions } from "./steps.ts";

/** No container may be in it, and none may come: the caller has seen to that. */
export async function releaseNetwork(host: EngineHost, config: BridgeConfig): Promise<void> {
  const session = hostSession(host);
  try {
    const steps = [...bridge.teardown.network(config), ...deleteTables(config)];
    await session.run(stepInstructions(steps, "host", session.slots));
  } finally {
    session.close();
  }
}

/** A root's table has nothing but its networks, and none of them is there any more. */
function deleteTables({ table, ipv6 }: BridgeConfig): readonly Step[] {
  const families = ipv6 ? (["ip", "ip6"] as const) : (["ip"] as const);
  return families.map((family) =>
    netlinkStep("host", `delete the firewall table ${table}`, batch([deleteTable({ family, table })]), {
      tolerate: ["ENOENT"],
    }),
  );
}
