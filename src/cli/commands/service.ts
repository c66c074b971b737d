/** `brig service`: Docker's Engine API, until a signal ends it. */

import type { CallTo, Context } from "./context.ts";

export function service({ options }: CallTo<"service">, context: Context): Promise<number> {
  return context.serve({
    hosts: options.host,
    group: options.group || undefined,
    log: (message) => void context.stderr.write(`brig: ${message}\n`).catch(() => {}),
  });
}
