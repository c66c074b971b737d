/** The service as a program: its sockets, and its end. */

import { join } from "node:path";
import { Authorization } from "./authorization/authorization.ts";
import { parseAddress } from "./listen/address.ts";
import { listenersOf } from "./listen/listener.ts";
import { Quiet } from "./listen/quiet.ts";
import { type IdentityFiles, readIdentity } from "./listen/tls.ts";
import { Service } from "./service.ts";

export interface ServeOptions {
  readonly root: string;
  readonly runRoot: string;
  readonly storageDriver: string | undefined;
  readonly self: readonly string[];
  readonly hosts: readonly string[];
  readonly group: string | undefined;
  /** Clients over TCP must prove who they are, by these. */
  readonly identity: IdentityFiles | undefined;
  readonly insecure: boolean;
  readonly plugins: readonly string[];
  /** Milliseconds without a connection after which it ends; absent: never. */
  readonly idle: number | undefined;
  readonly log: (message: string) => void;
}

const endings = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

/** Resolves with the exit code when a signal has ended it, or nobody needs it any more. Containers go on. */
export async function serve({
  hosts,
  group,
  identity: files,
  insecure,
  plugins,
  idle,
  log,
  ...engine
}: ServeOptions): Promise<number> {
  // A client that goes away in the middle of a write is told by the write.
  process.on("SIGPIPE", () => {});
  const ended = new Promise<void>((resolve) => {
    for (const signal of endings) process.on(signal, () => resolve());
  });
  const wanted = hosts.length > 0 ? hosts : [`unix://${join(engine.runRoot, "brig.sock")}`];
  const addresses = wanted.map((host) => parseAddress(host, group));
  const identity = files && readIdentity(files);
  const quiet = new Quiet(idle);
  await using service = new Service({ ...engine, log, authorization: new Authorization(plugins) });
  for (const address of addresses) {
    await service.open(
      (accept) =>
        listenersOf(
          address,
          { identity, insecure, warn: (text) => log(`warning: ${text}`) },
          quiet.counting(accept),
        ),
      address.shows,
    );
    log(`API listen on ${address.text}`);
  }
  await Promise.race([ended, quiet.reached]);
  return 0;
}
