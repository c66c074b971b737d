/** `brig ps`: lists containers, the newest first. */

import { BrigError } from "../../base/errors.ts";
import { containerColumns, containerTable } from "../render/container-columns.ts";
import { formatList } from "../terminal/format.ts";
import { containerFilter } from "./container-filter.ts";
import type { CallTo, Context } from "./context.ts";

export async function ps({ options }: CallTo<"ps">, context: Context): Promise<number> {
  if (options.size) throw new BrigError("unsupported", "--size is not supported yet");
  const engine = await context.engine();
  const holds = await containerFilter(options.filter, (reference) => engine.inspect(reference));
  const last = options.latest ? 1 : options.last;
  const all = options.all || last > 0 || "status" in options.filter;
  const found = (await engine.list({ all })).filter(holds);
  const shown = last > 0 ? found.slice(0, last) : found;
  const columns = containerColumns(options.noTrunc, context.now());
  await context.stdout.write(
    options.quiet && !options.format
      ? shown.map((container) => `${columns.ID!.text(container)}\n`).join("")
      : formatList(options.format, columns, containerTable, shown),
  );
  return 0;
}
