/** `brig system check`: a line for each finding. Exit code 1 when something is left that does not belong. */

import { findingColumns, findingLine } from "../render/finding-columns.ts";
import { formatList } from "../terminal/format.ts";
import type { CallTo, Context } from "./context.ts";

export async function systemCheck({ options }: CallTo<"systemCheck">, context: Context): Promise<number> {
  const { format, repair, deep } = options;
  const reports = await (await context.engine()).check({ repair, deep });
  const text = format ? formatList(format, findingColumns, [], reports) : reports.map(findingLine).join("");
  await context.stdout.write(text);
  return reports.every(({ outcome }) => outcome === "mended") ? 0 : 1;
}
