/** Opens a connection to an engine, by whatever way its address says. */

import type { NetConnectOpts } from "node:net";
import type { Duplex } from "node:stream";
import type { ConnectionOptions } from "node:tls";
import { BrigError, messageOf } from "../../base/errors.ts";
import { type Address, formatAddress } from "../address.ts";
import { type TlsMaterial, tlsOptions } from "./tls.ts";

export interface DialOptions {
  readonly address: Address;
  /** Absent: what is said can be read on the way, and who answers may be anybody. */
  readonly tls?: TlsMaterial;
}

/** Milliseconds until a host that does not answer is given up. */
const patience = 30_000;

/** Resolves when it is open. Rejects with what the user can do about it. */
export async function dial({ address, tls }: DialOptions, signal?: AbortSignal): Promise<Duplex> {
  signal?.throwIfAborted();
  if (address.kind === "ssh") return (await import("./ssh.ts")).dialSsh(address);
  // Loaded when there is somebody to speak to: a command of this host's own engine never does.
  const { connect } = await import("node:net");
  const how = {
    allowHalfOpen: true,
    ...(address.kind === "unix" ? { path: address.path } : { host: address.host, port: address.port }),
  } as NetConnectOpts;
  if (!tls) return opened(connect(how), "connect", address, signal);
  const { connect: connectTls } = await import("node:tls");
  const options = tlsOptions(tls, address.kind === "tcp" ? address.host : "localhost");
  return opened(connectTls({ ...how, ...options } as ConnectionOptions), "secureConnect", address, signal);
}

function opened(
  socket: Duplex,
  event: "connect" | "secureConnect",
  address: Address,
  signal: AbortSignal | undefined,
): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const finish = (failure?: unknown) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      socket.off("error", finish);
      socket.off("close", closed);
      if (failure === undefined) return resolve(socket);
      socket.on("error", () => {});
      socket.destroy();
      reject(signal?.aborted ? signal.reason : cannotReach(address, failure));
    };
    const abort = () => finish(signal?.reason ?? new Error("aborted"));
    const closed = () => finish(new Error("the connection was closed"));
    const timer = setTimeout(() => finish(new Error("it does not answer")), patience);
    signal?.addEventListener("abort", abort);
    socket.once(event, () => finish());
    socket.on("error", finish);
    socket.on("close", closed);
  });
}

const advice: Readonly<Record<string, string>> = {
  ENOENT: "there is no such socket; is the service running?",
  ECONNREFUSED: "nothing listens there; is the service running?",
  EACCES: "permission denied; the socket is for root and its group",
  ENOTFOUND: "there is no such host",
  EHOSTUNREACH: "no route leads there",
};

export function cannotReach(address: Address, cause: unknown): BrigError {
  const reason = advice[(cause as NodeJS.ErrnoException).code ?? ""] ?? messageOf(cause);
  return new BrigError("unavailable", `cannot reach the engine at ${formatAddress(address)}: ${reason}`, {
    code: "unreachable",
    cause,
  });
}
