/** Takes from the host what a shim could not: it was killed, or its own settle program failed. May be repeated. */

import { releaseCgroup } from "../../kernel/systemd/release.ts";
import { bridge } from "../../network/bridge/driver.ts";
import { type EngineHost, hostSession } from "../host.ts";
import { stepInstructions } from "../network/steps.ts";
import { storedConfig } from "../network/stored-network.ts";
import { hostNames } from "../roots.ts";
import { cgroupAt, cgroupsPathOf, scopeOf } from "./cgroup.ts";
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
  const path = cgroupsPathOf(hostNames.cgroup(host.roots), id, spec);
  await releaseCgroup(cgroup ?? cgroupAt(path), scopeOf(id, spec));
}
