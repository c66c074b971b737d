/** `brig container inspect`: everything about containers. */

import type { CallTo, Context } from "./context.ts";
import { inspectEach } from "./inspect-each.ts";

export async function containerInspect(
  { options, operands }: CallTo<"containerInspect">,
  context: Context,
): Promise<number> {
  const documents = await context.documents();
  const { format, size } = options;
  return inspectEach(operands, format, context, (name) => documents.container(name, { size }));
}
