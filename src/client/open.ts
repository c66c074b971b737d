/** The door of the client: from a URL to an engine. */

import type { Documents } from "../docker/documents/documents.ts";
import type { ContainerEngine } from "../engine/container-engine.ts";
import { parseAddress } from "./address.ts";
import { Api } from "./api.ts";
import type { TlsMaterial } from "./dial/tls.ts";
import { remoteDocuments } from "./documents.ts";
import { RemoteEngine } from "./remote-engine.ts";

/** How an engine that is elsewhere is reached. */
export interface ConnectOptions {
  /** `unix:///run/brig/brig.sock`, `tcp://host:2376`, `ssh://user@host`. */
  readonly host: string;
  /** For `tcp://`: whom to believe, and who the caller is. */
  readonly tls?: TlsMaterial | undefined;
  /** Of the API, in place of the newest that both sides know: "1.41". */
  readonly version?: string | undefined;
  /** Told beside results. */
  readonly warn?: (message: string) => void;
}

/** An engine and its words; nothing is asked of it yet. */
export function open({ host, tls, version, warn = () => {} }: ConnectOptions): {
  readonly engine: ContainerEngine;
  readonly documents: Documents;
  readonly api: Api;
} {
  const address = parseAddress(host, tls !== undefined);
  const api = new Api({ address, version, ...(tls ? { tls } : {}) });
  return { engine: new RemoteEngine(api, warn), documents: remoteDocuments(api), api };
}
