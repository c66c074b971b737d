/** `brig pause` and `brig unpause`: freezes containers, and lets them go on. */

import type { CallTo, Context } from "./context.ts";
import { each } from "./each.ts";

export async function pause({ operands }: CallTo<"pause">, context: Context): Promise<number> {
  const engine = await context.engine();
  return each(operands, context, async (name) => {
    await engine.pause(name);
    return name;
  });
}

export async function unpause({ operands }: CallTo<"unpause">, context: Context): Promise<number> {
  const engine = await context.engine();
  return each(operands, context, async (name) => {
    await engine.unpause(name);
    return name;
  });
}
