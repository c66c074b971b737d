/** `brig container inspect`: everything about containers. */

import { BrigError } from "../../base/errors.ts";
import type { CallTo, Context } from "./context.ts";
import { inspectContainer } from "./inspect.ts";
import { inspectEach } from "./inspect-each.ts";

export async function containerInspect(
  { options, operands }: CallTo<"containerInspect">,
  context: Context,
): Promise<number> {
  if (options.size) throw new BrigError("unsupported", "--size is not supported yet");
  const engine = await context.engine();
  return inspectEach(operands, options.format, context, (name) => inspectContainer(engine, name));
}
