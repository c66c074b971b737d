/** `brig stop`: asks containers to end, and kills those that do not in time. */

import { present } from "../../base/present.ts";
import type { CallTo, Context } from "./context.ts";
import { each } from "./each.ts";

export async function stop({ options, operands }: CallTo<"stop">, context: Context): Promise<number> {
  const { timeout, signal } = options;
  const engine = await context.engine();
  const act = async (name: string) => {
    await engine.stop(name, present({ seconds: timeout, signal }));
    return name;
  };
  return each(operands, context, act, { together: true });
}
