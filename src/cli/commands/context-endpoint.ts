/** `--docker host=…,ca=…`: an endpoint as `context create` and `context update` take it. */

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { BrigError } from "../../base/errors.ts";
import { materials, type StoredContext } from "../../client/contexts/store.ts";
import type { TlsMaterial } from "../../client/dial/tls.ts";
import { parseBoolean } from "../../docker/text/boolean.ts";
import { openError } from "./container-spec.ts";

const keys: readonly string[] = ["host", "from", "skip-tls-verify", ...materials];

/** What is not said stays as it is. Files are read now: what is at their paths later does not matter. */
export function changedEndpoint(
  before: StoredContext,
  said: Readonly<Record<string, string>>,
  directory: string,
): StoredContext {
  const unknown = Object.keys(said).find((key) => !keys.includes(key));
  if (unknown !== undefined)
    throw new BrigError(
      "invalid",
      `unable to create docker endpoint config: unrecognized config key: ${unknown}`,
    );
  let tls: TlsMaterial = before.tls ?? {};
  for (const kind of materials) {
    const path = said[kind];
    if (path === undefined) continue;
    const { [kind]: _, ...others } = tls;
    tls = path === "" ? others : { ...others, [kind]: readPem(resolve(directory, path)) };
  }
  const skip = said["skip-tls-verify"];
  if (skip !== undefined) {
    const { skipVerify: _, ...others } = tls;
    tls = parseBoolean(skip) ? { ...others, skipVerify: true } : others;
  }
  if ((tls.cert === undefined) !== (tls.key === undefined))
    throw new BrigError(
      "invalid",
      "invalid docker endpoint options: a certificate needs its key, and a key its certificate",
    );
  const { tls: _, ...rest } = before;
  const host = said.host === undefined ? rest.host : said.host;
  return { ...rest, host, ...(Object.keys(tls).length > 0 ? { tls } : {}) };
}

function readPem(path: string): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw openError(path, error);
  }
  if (!Buffer.from(bytes).includes("-----BEGIN "))
    throw new BrigError("invalid", `cannot keep the context: ${path} holds nothing in PEM`);
  return bytes;
}
