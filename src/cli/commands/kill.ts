/** `brig kill`: sends a signal to containers. */

import { parseSignal } from "../../base/signals.ts";
import type { CallTo, Context } from "./context.ts";
import { each } from "./each.ts";

export async function kill({ options, operands }: CallTo<"kill">, context: Context): Promise<number> {
  const { signal = parseSignal("KILL") } = options;
  const engine = await context.engine();
  const act = async (name: string) => {
    await engine.kill(name, signal);
    return name;
  };
  return each(operands, context, act, { together: true });
}
