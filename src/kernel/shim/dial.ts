/** A connection to the socket in a container's run directory. */

import { connect, type Socket } from "node:net";
import { BrigError } from "../../base/errors.ts";

/** Rejects with `no-shim` when nobody listens. */
export function dial(path: string): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const refuse = (cause: unknown) =>
    reject(
      new BrigError("unavailable", "cannot reach the container's shim: nobody listens", {
        code: "no-shim",
        cause,
      }),
    );
  try {
    const socket = connect({ path });
    socket.once("error", refuse);
    socket.once("connect", () => {
      socket.off("error", refuse);
      resolve(socket);
    });
  } catch (error) {
    // Bun throws at once what Node says in an event.
    refuse(error);
  }
  return promise;
}
