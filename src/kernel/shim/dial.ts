/** A connection to the socket in a container's run directory. */

import { BrigError } from "../../base/errors.ts";
import { channel } from "../channel/channel.ts";
import type { Connection } from "../channel/connection.ts";

/** Rejects with `no-shim` when nobody listens. */
export async function dial(path: string): Promise<Connection> {
  try {
    return await channel.connect(path);
  } catch (cause) {
    throw new BrigError("unavailable", "cannot reach the container's shim: nobody listens", {
      code: "no-shim",
      cause,
    });
  }
}
