/** Listeners of a service, by the kind of their address. */

import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { BrigError } from "../../base/errors.ts";
import type { Address } from "./address.ts";
import { listenInherited } from "./inherited.ts";
import { createSecure, type Identity } from "./tls.ts";
import { backlog, listenUnix } from "./unix.ts";

export interface ListenOptions {
  /** Who the service is to clients over TCP, and whose clients they must be. */
  readonly identity: Identity | undefined;
  /** TCP without TLS is what the user wants. */
  readonly insecure: boolean;
  readonly warn: (message: string) => void;
}

export type Accept = (socket: Socket) => void;

/** Each takes connections when this resolves. */
export async function listenersOf(
  address: Address,
  options: ListenOptions,
  accept: Accept,
): Promise<readonly Server[]> {
  switch (address.kind) {
    case "unix":
      return [await listenUnix(address, listenerFor(accept))];
    case "inherited":
      return listenInherited(() => listenerFor(accept));
    case "tcp":
      return [await listenTcp(address, options, accept)];
  }
}

/** Who has said everything may still be answered: `docker run -i` ends its input so. */
function listenerFor(accept: Accept): Server {
  return createServer({ allowHalfOpen: true }, accept);
}

/** A client over TCP that has vanished is asked after so many milliseconds of silence. */
const keepAlive = 30_000;

async function listenTcp(
  { host, port, text }: Address & { readonly kind: "tcp" },
  { identity, insecure, warn }: ListenOptions,
  accept: Accept,
): Promise<Server> {
  if (!identity && !insecure)
    throw new BrigError(
      "denied",
      `cannot listen on ${text}: whoever reaches the API is root here; let clients prove who they are (--tlsverify, --tlscacert, --tlscert, --tlskey), or use unix://`,
      { code: "insecure" },
    );
  if (!identity) warn(`${text} has no TLS: whoever reaches it is root here`);
  const watched: Accept = (socket) => accept(socket.setKeepAlive(true, keepAlive).setNoDelay(true));
  const listener = identity ? createSecure(identity, watched) : listenerFor(watched);
  listener.listen({ host, port, backlog });
  await once(listener, "listening");
  return listener;
}
