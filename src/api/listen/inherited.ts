/** Sockets that systemd has opened and hands over (sd_listen_fds(3)). */

import { once } from "node:events";
import type { Server } from "node:net";
import { BrigError } from "../../base/errors.ts";

/** The first of them. */
const first = 3;

/** All of them; they are not for the programs that we start. */
export async function listenInherited(create: () => Server): Promise<readonly Server[]> {
  const { LISTEN_FDS: count = "", LISTEN_PID: pid } = process.env;
  if (!/^[1-9]\d{0,2}$/.test(count) || Number(pid) !== process.pid)
    throw new BrigError(
      "invalid",
      "cannot listen on fd://: no socket was handed over (LISTEN_FDS, LISTEN_PID)",
    );
  for (const name of ["LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"]) delete process.env[name];
  const listeners: Server[] = [];
  for (let fd = first; fd < first + Number(count); fd++) {
    const listener = create();
    listener.listen({ fd });
    await once(listener, "listening");
    listeners.push(listener);
  }
  return listeners;
}
