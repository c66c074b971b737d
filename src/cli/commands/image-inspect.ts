/** `brig image inspect`: everything about images. */

import { BrigError } from "../../base/errors.ts";
import { imageJson } from "../../docker/inspect/image.ts";
import type { CallTo, Context } from "./context.ts";
import { inspectEach } from "./inspect-each.ts";

export async function imageInspect(
  { options, operands }: CallTo<"imageInspect">,
  context: Context,
): Promise<number> {
  if (options.platform) throw new BrigError("unsupported", "--platform is not supported yet for inspect");
  const engine = await context.engine();
  return inspectEach(operands, options.format, context, async (name) => imageJson(engine.inspectImage(name)));
}
