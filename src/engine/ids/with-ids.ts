/** Whatever leases ids of the host, which this root may have to get first. */

import { BrigError } from "../../base/errors.ts";
import { type EngineHost, hostSession } from "../host.ts";
import { needsPool } from "./lease.ts";

/** Again with more ids where all that this root has are leased. */
export async function withIds<T>(host: EngineHost, work: () => T): Promise<T> {
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof BrigError && error.code === needsPool)) throw error;
      const { addPool } = await import("./pool.ts");
      await addPool({ ...host, session: () => hostSession(host) });
    }
  }
}
