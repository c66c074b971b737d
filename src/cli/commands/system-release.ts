/** `brig system release`: takes away the bridge, the firewall table and the cgroups that stay between containers. */

import type { CallTo, Context } from "./context.ts";

export async function systemRelease(_call: CallTo<"systemRelease">, context: Context): Promise<number> {
  const engine = await context.engine();
  for (const what of await engine.release()) await context.stdout.write(`${what}\n`);
  return 0;
}
