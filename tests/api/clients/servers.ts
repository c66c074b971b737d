/** Servers as their own clients see them, by the least that shows that they answer. */

import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** What a Redis says to PING. */
export async function redisSays(port: number): Promise<string> {
  return said(port, "PING\r\n");
}

/** The first byte that a PostgreSQL answers to a client that asks for TLS: "N" is that it has none. */
export async function postgresSays(port: number): Promise<string> {
  return said(port, Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]));
}

/** A page, as soon as the server answers. */
export async function nginxSays(port: number, path = "/"): Promise<string> {
  for (let tries = 100; ; tries--)
    try {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`);
      return await answer.text();
    } catch (error) {
      if (tries === 0) throw error;
      await sleep(50);
    }
}

async function said(port: number, bytes: string | Uint8Array): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.write(bytes);
  const [answer] = (await once(socket, "data")) as [Buffer];
  socket.destroy();
  return answer.toString("latin1");
}
