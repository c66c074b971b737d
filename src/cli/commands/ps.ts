/** `brig ps`: lists containers, the newest first. */

import { containerColumns, containerTable } from "../render/container-columns.ts";
import { formatList } from "../terminal/format.ts";
import type { CallTo, Context } from "./context.ts";

export async function ps({ options }: CallTo<"ps">, context: Context): Promise<number> {
  const documents = await context.documents();
  const last = options.latest ? 1 : options.last;
  const shown = await documents.containers({
    all: options.all,
    filters: options.filter,
    size: options.size || (options.format?.includes(".Size") ?? false),
    ...(last > 0 ? { limit: last } : {}),
  });
  const columns = containerColumns(options.noTrunc, context.now());
  const table = options.size ? [...containerTable, "Size"] : containerTable;
  await context.stdout.write(
    options.quiet && !options.format
      ? shown.map((container) => `${columns.ID!.text(container)}\n`).join("")
      : formatList(options.format, columns, table, shown),
  );
  return 0;
}
