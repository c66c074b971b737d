/** `brig network …`: lists networks and shows what is in them. */

import { networkFilter } from "../../docker/filter/network.ts";
import { networkInfoJson } from "../../docker/inspect/network.ts";
import { networkColumns, networkTable } from "../render/network-columns.ts";
import { formatList } from "../terminal/format.ts";
import type { CallTo, Context } from "./context.ts";
import { inspectEach } from "./inspect-each.ts";

export async function networkInspect(call: CallTo<"networkInspect">, context: Context): Promise<number> {
  const engine = await context.engine();
  return inspectEach(call.operands, call.options.format, context, async (name) =>
    networkInfoJson(await engine.inspectNetwork(name)),
  );
}

export async function networkLs({ options }: CallTo<"networkLs">, context: Context): Promise<number> {
  const shown = (await (await context.engine()).networks()).filter(networkFilter(options.filter));
  const format = options.quiet && !options.format ? "{{.ID}}" : options.format;
  const columns = networkColumns(options.noTrunc);
  await context.stdout.write(formatList(format, columns, networkTable, shown));
  return 0;
}
