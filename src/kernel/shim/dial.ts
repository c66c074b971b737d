/** A connection to the socket in a container's run directory. */

import { connect, type Socket } from "node:net";
import { BrigError } from "../../base/errors.ts";

/** Rejects with `no-shim` when nobody listens. */
export async function dial(path: string): Promise<Socket> {
  const socket = connect({ path });
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", (cause) =>
      reject(
        new BrigError("unavailable", "cannot reach the container's shim: nobody listens", {
          code: "no-shim",
          cause,
        }),
      ),
    );
  });
  return socket;
}
