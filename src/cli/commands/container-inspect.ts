/** `brig container inspect`: everything about containers. */

import type { CallTo, Context } from "./context.ts";
import { inspectContainer } from "./inspect.ts";
import { inspectEach } from "./inspect-each.ts";

export async function containerInspect(
  { options, operands }: CallTo<"containerInspect">,
  context: Context,
): Promise<number> {
  const engine = await context.engine();
  return inspectEach(operands, options.format, context, (name) =>
    inspectContainer(engine, name, options.size),
  );
}
