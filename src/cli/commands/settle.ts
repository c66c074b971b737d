/** `brig settle`: called by a shim when its container has ended and nobody was there to finish its business. */

import type { CallTo, Context } from "./context.ts";

export async function settle({ operands }: CallTo<"settle">, context: Context): Promise<number> {
  const engine = await context.engine();
  await engine.settle(operands[0]!);
  return 0;
}
