/** Mutual TLS, as Docker's clients speak it: whom the client believes, and who it says that it is. */

import type { ConnectionOptions } from "node:tls";

/** In PEM. */
export interface TlsMaterial {
  /** Whom the client believes; absent: whom the system does. */
  readonly ca?: Uint8Array;
  /** Who the client is. */
  readonly cert?: Uint8Array;
  readonly key?: Uint8Array;
  /** Whoever answers is believed. */
  readonly skipVerify?: boolean;
}

export function tlsOptions(
  { ca, cert, key, skipVerify = false }: TlsMaterial,
  host: string,
): ConnectionOptions {
  const isName = !/^[\d.]+$|:/.test(host);
  return {
    ...(ca ? { ca: Buffer.from(ca) } : {}),
    ...(cert ? { cert: Buffer.from(cert) } : {}),
    ...(key ? { key: Buffer.from(key) } : {}),
    // An address is no server name (RFC 6066, section 3); the certificate is checked for it all the same.
    ...(isName ? { servername: host } : {}),
    rejectUnauthorized: !skipVerify,
    minVersion: "TLSv1.2",
    ALPNProtocols: ["http/1.1"],
  };
}
