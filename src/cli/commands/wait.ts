/** `brig wait`: waits until containers have ended and prints their exit codes. */

import type { CallTo, Context } from "./context.ts";
import { each } from "./each.ts";

export async function wait({ operands }: CallTo<"wait">, context: Context): Promise<number> {
  const engine = await context.engine();
  return each(operands, context, async (name) => String((await engine.wait(name)).code));
}
