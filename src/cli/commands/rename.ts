/** `brig rename`: another name for a container. */

import type { CallTo, Context } from "./context.ts";

export async function rename({ operands }: CallTo<"rename">, context: Context): Promise<number> {
  const [container, name] = operands.map((text) => text.trim());
  await (await context.engine()).rename(container!, name!);
  return 0;
}
