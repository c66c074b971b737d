/** `brig image inspect`: everything about images. */

import { BrigError } from "../../base/errors.ts";
import type { CallTo, Context } from "./context.ts";
import { inspectEach } from "./inspect-each.ts";

export async function imageInspect(
  { options, operands }: CallTo<"imageInspect">,
  context: Context,
): Promise<number> {
  if (options.platform) throw new BrigError("unsupported", "--platform is not supported yet for inspect");
  const documents = await context.documents();
  return inspectEach(operands, options.format, context, (name) => documents.image(name));
}
