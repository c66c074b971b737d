/** `brig service`: Docker's Engine API, until a signal ends it, or nobody needs it. */

import type { CallTo, Context } from "./context.ts";

export function service({ options }: CallTo<"service">, context: Context): Promise<number> {
  const { tlsverify, tlscacert, tlscert, tlskey } = options;
  return context.serve({
    hosts: options.host,
    group: options.group || undefined,
    identity: tlsverify ? { authority: tlscacert, certificate: tlscert, key: tlskey } : undefined,
    insecure: options.insecureTcp,
    plugins: options.authorizationPlugin,
    idle: options.idle,
    log: (message) => void context.stderr.write(`brig: ${message}\n`).catch(() => {}),
  });
}
