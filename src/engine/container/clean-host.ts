/** Takes from the host what a shim could not: it was killed, or its own settle program failed. May be repeated. */

import { removeCgroup } from "../../kernel/cgroup/live/remove.ts";
import { bridge } from "../../network/bridge/driver.ts";
import { type EngineHost, hostSession } from "../host.ts";
import { stepInstructions } from "../network/steps.ts";
import { storedConfig } from "../network/stored-network.ts";
import { cgroupAt } from "./cgroup.ts";
import { cgroupPathOf } from "./plan.ts";
import type { ContainerRecord } from "./records.ts";

export type Remains = Pick<ContainerRecord, "id" | "spec" | "endpoint" | "cgroup">;

/** The published ports, then the cgroup with all that lives in it. */
export async function cleanHost(host: EngineHost, { id, spec, endpoint, cgroup }: Remains): Promise<void> {
  const config = storedConfig(host.database);
  if (endpoint && endpoint.ports.length > 0 && config) {
    const session = hostSession(host);
    try {
      await session.run(stepInstructions(bridge.teardown.endpoint(config, endpoint), "host", session.slots));
    } finally {
      session.close();
    }
  }
  await removeCgroup(cgroup ?? cgroupAt(cgroupPathOf(host, id, spec)));
}
