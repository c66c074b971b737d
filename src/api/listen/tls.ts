/** TLS in which both sides prove who they are: without a certificate of our authority nobody gets as far as HTTP. */

import { readFileSync } from "node:fs";
import type { Server, Socket } from "node:net";
import { createServer } from "node:tls";
import { BrigError, messageOf } from "../../base/errors.ts";

export interface Identity {
  /** Whose certificates clients must have. */
  readonly authority: Buffer;
  readonly certificate: Buffer;
  readonly key: Buffer;
}

export interface IdentityFiles {
  readonly authority: string | undefined;
  readonly certificate: string | undefined;
  readonly key: string | undefined;
}

/** Milliseconds that a client has for the handshake. */
const handshakeTimeout = 10_000;

export function createSecure(
  { authority, certificate, key }: Identity,
  accept: (socket: Socket) => void,
): Server {
  const listener = createServer(
    {
      ca: authority,
      cert: certificate,
      key,
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: "TLSv1.2",
      handshakeTimeout,
      allowHalfOpen: true,
    },
    // The runtime has refused them already; whoever comes through here is root, so we look ourselves.
    (socket) => (socket.authorized ? accept(socket) : socket.destroy()),
  );
  // Somebody who cannot prove who they are is no event of ours.
  listener.on("tlsClientError", (_error, socket) => socket.destroy());
  return listener;
}

export function readIdentity({ authority, certificate, key }: IdentityFiles): Identity {
  return {
    authority: read("--tlscacert", authority),
    certificate: read("--tlscert", certificate),
    key: read("--tlskey", key),
  };
}

function read(flag: string, path: string | undefined): Buffer {
  if (!path) throw new BrigError("invalid", `cannot verify clients: ${flag} names no file`);
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new BrigError("invalid", `cannot read ${flag}: ${messageOf(cause)}`, { cause });
  }
}
