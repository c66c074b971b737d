/** What flags, environment and contexts say about another engine → how it is reached. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { BrigError } from "../base/errors.ts";
import { readContext } from "../client/contexts/store.ts";
import type { TlsMaterial } from "../client/dial/tls.ts";
import type { ConnectOptions } from "../client/open.ts";
import { openError } from "./commands/container-spec.ts";
import { type Environment, settingsFolder, type Target } from "./target.ts";

export interface TlsFlags {
  readonly tls: boolean;
  readonly tlsverify: boolean;
  readonly tlscacert: string | undefined;
  readonly tlscert: string | undefined;
  readonly tlskey: string | undefined;
}

export function remoteOptions(
  target: Exclude<Target, { readonly kind: "local" }>,
  flags: TlsFlags,
  environment: Environment,
): Omit<ConnectOptions, "warn"> {
  const version = environment.BRIG_API_VERSION || undefined;
  if (target.kind === "host") return { host: target.url, tls: tlsOf(flags, environment), version };
  const folder = settingsFolder(environment);
  if (folder === undefined)
    throw new BrigError(
      "not-found",
      `cannot use context ${target.name}: neither HOME nor XDG_CONFIG_HOME is set`,
    );
  const { host, tls } = readContext(folder, target.name);
  return { host, tls, version };
}

/** Undefined where nobody asked for it. */
function tlsOf(flags: TlsFlags, environment: Environment): TlsMaterial | undefined {
  const verify = flags.tlsverify || Boolean(environment.BRIG_TLS_VERIFY);
  const { tlscacert, tlscert, tlskey } = flags;
  const named = tlscacert !== undefined || tlscert !== undefined || tlskey !== undefined;
  if (!verify && !flags.tls && !named) return undefined;
  const folder = environment.BRIG_CERT_PATH || settingsFolder(environment) || ".";
  const read = (path: string | undefined, usual: string) => readPem(path, join(folder, usual));
  const material = {
    ca: verify || tlscacert !== undefined ? read(tlscacert, "ca.pem") : undefined,
    cert: read(tlscert, "cert.pem"),
    key: read(tlskey, "key.pem"),
  };
  const { ca, cert, key } = material;
  if ((cert === undefined) !== (key === undefined))
    throw new BrigError(
      "invalid",
      "cannot speak TLS: a certificate needs its key, and a key its certificate",
    );
  return {
    ...(ca ? { ca } : {}),
    ...(cert ? { cert } : {}),
    ...(key ? { key } : {}),
    ...(verify ? {} : { skipVerify: true }),
  };
}

/** What was named must be there; what is usual may be. */
function readPem(path: string | undefined, usual: string): Uint8Array | undefined {
  try {
    return readFileSync(path ?? usual);
  } catch (error) {
    if (path === undefined && (error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw openError(path ?? usual, error);
  }
}
