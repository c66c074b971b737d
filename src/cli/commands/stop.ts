/** `brig stop`: asks containers to end, and kills those that do not in time. */

import { BrigError } from "../../base/errors.ts";
import type { CallTo, Context } from "./context.ts";
import { each } from "./each.ts";

export async function stop({ options, operands }: CallTo<"stop">, context: Context): Promise<number> {
  if (options.signal !== undefined)
    throw new BrigError("unsupported", "--signal is not supported yet; use brig kill --signal");
  const engine = await context.engine();
  return each(operands, context, async (name) => {
    await engine.stop(name, options.timeout);
    return name;
  });
}
