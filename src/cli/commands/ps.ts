/** `brig ps`: lists containers, the newest first. */

import { containerFilter } from "../../docker/filter/container.ts";
import type { ContainerSize } from "../../engine/container/size.ts";
import { containerColumns, containerTable } from "../render/container-columns.ts";
import { formatList } from "../terminal/format.ts";
import type { CallTo, Context } from "./context.ts";

export async function ps({ options }: CallTo<"ps">, context: Context): Promise<number> {
  const engine = await context.engine();
  const holds = await containerFilter(options.filter, (reference) => engine.inspect(reference));
  const last = options.latest ? 1 : options.last;
  const all = options.all || last > 0 || "status" in options.filter;
  const found = (await engine.list({ all })).filter(holds);
  const shown = last > 0 ? found.slice(0, last) : found;
  const sizes = new Map<string, ContainerSize>();
  if (options.size || options.format?.includes(".Size"))
    for (const { id } of shown) sizes.set(id, await engine.size(id));
  const columns = containerColumns(options.noTrunc, context.now(), sizes);
  const table = options.size ? [...containerTable, "Size"] : containerTable;
  await context.stdout.write(
    options.quiet && !options.format
      ? shown.map((container) => `${columns.ID!.text(container)}\n`).join("")
      : formatList(options.format, columns, table, shown),
  );
  return 0;
}
