/** `brig restart`: stops containers as `stop` does, and starts them again in the background. */

import { present } from "../../base/present.ts";
import type { CallTo, Context } from "./context.ts";
import { each } from "./each.ts";

export async function restart({ options, operands }: CallTo<"restart">, context: Context): Promise<number> {
  const { timeout, signal } = options;
  const engine = await context.engine();
  return each(operands, context, async (name) => {
    await engine.restart(name, present({ seconds: timeout, signal }));
    return name;
  });
}
