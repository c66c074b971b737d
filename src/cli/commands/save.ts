/** `brig save`: images as an archive that Docker, skopeo and brig load. */

import { writeArchive } from "./archive-output.ts";
import type { CallTo, Context } from "./context.ts";
import { platformText } from "./platform-text.ts";

export async function save({ options, operands }: CallTo<"save">, context: Context): Promise<number> {
  const platform = platformText(options.platform);
  const request = { references: operands, ...(platform === undefined ? {} : { platform }) };
  const archive = async () => (await context.engine()).save(request);
  await writeArchive("save image", options.output, archive, context);
  return 0;
}
