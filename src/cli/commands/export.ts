/** `brig export`: a container's root file system as an archive. */

import { writeArchive } from "./archive-output.ts";
import type { CallTo, Context } from "./context.ts";

export async function exportContainer(
  { options, operands }: CallTo<"export">,
  context: Context,
): Promise<number> {
  const archive = async () => (await context.engine()).export(operands[0]!);
  await writeArchive("export container", options.output, archive, context);
  return 0;
}
