/** `brig tag`: another name for an image. */

import type { CallTo, Context } from "./context.ts";

export async function tag({ operands }: CallTo<"tag">, context: Context): Promise<number> {
  const engine = await context.engine();
  await engine.tag(operands[0]!, operands[1]!);
  return 0;
}
