/** `brig pause` and `brig unpause`: freezes containers, and lets them go on. */

import type { CallTo, Context } from "./context.ts";
import { each } from "./each.ts";

export async function pause({ operands }: CallTo<"pause">, context: Context): Promise<number> {
  const engine = await context.engine();
  const act = async (name: string) => {
    await engine.pause(name);
    return name;
  };
  return each(operands, context, act, { together: true });
}

export async function unpause({ operands }: CallTo<"unpause">, context: Context): Promise<number> {
  const engine = await context.engine();
  const act = async (name: string) => {
    await engine.unpause(name);
    return name;
  };
  return each(operands, context, act, { together: true });
}
