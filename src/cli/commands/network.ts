/** `brig network …`: lists networks and shows what is in them. */

import { networkColumns, networkTable } from "../render/network-columns.ts";
import { formatList } from "../terminal/format.ts";
import type { CallTo, Context } from "./context.ts";
import { inspectEach } from "./inspect-each.ts";

export async function networkInspect(call: CallTo<"networkInspect">, context: Context): Promise<number> {
  const documents = await context.documents();
  return inspectEach(call.operands, call.options.format, context, (name) => documents.network(name));
}

export async function networkLs({ options }: CallTo<"networkLs">, context: Context): Promise<number> {
  const shown = await (await context.documents()).networks(options.filter);
  const format = options.quiet && !options.format ? "{{.ID}}" : options.format;
  const columns = networkColumns(options.noTrunc);
  await context.stdout.write(formatList(format, columns, networkTable, shown));
  return 0;
}
