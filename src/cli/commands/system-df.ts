/** `brig system df`: what takes the space below the root. */

import { usageText, verboseRecord, verboseText } from "../render/disk-usage.ts";
import { formatOne } from "../terminal/format.ts";
import type { CallTo, Context } from "./context.ts";

export async function systemDf({ options }: CallTo<"systemDf">, context: Context): Promise<number> {
  const { format, verbose } = options;
  const usage = await (await context.documents()).usage();
  const text = !verbose
    ? usageText(usage, format)
    : !format || format === "table"
      ? verboseText(usage, context.now())
      : formatOne(format, verboseRecord(usage, context.now()));
  await context.stdout.write(text);
  return 0;
}
