/** `brig top`: the processes of a container, as the host's ps shows them. */

import { processText } from "../render/process-text.ts";
import type { CallTo, Context } from "./context.ts";

export async function top({ operands }: CallTo<"top">, context: Context): Promise<number> {
  const [container, ...options] = operands;
  const engine = await context.engine();
  await context.stdout.write(processText(await engine.top(container!, options)));
  return 0;
}
