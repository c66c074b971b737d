/** `brig images`: lists images, the newest first, a line for each of their names. */

import { imageFilter, nameMatches } from "../../docker/filter/image.ts";
import { imageRows } from "../../docker/image-rows.ts";
import { imageColumns, imageTable, imageTableWithDigests } from "../render/image-columns.ts";
import { formatList } from "../terminal/format.ts";
import type { CallTo, Context } from "./context.ts";

export async function images({ options, operands }: CallTo<"images">, context: Context): Promise<number> {
  const engine = await context.engine();
  const detailsOf = (id: string) => engine.inspectImage(id);
  const holds = imageFilter(options.filter, detailsOf);
  const rows = engine
    .images()
    .filter(holds)
    .toSorted((a, b) => b.created - a.created)
    .flatMap(imageRows)
    .filter((row) => operands[0] === undefined || nameMatches(row, operands[0]));
  const columns = imageColumns(options.noTrunc, context.now(), ({ id }) => detailsOf(id).digest);
  const shown = options.digests ? imageTableWithDigests : imageTable;
  const text =
    options.quiet && !options.format
      ? [...new Set(rows.map((row) => `${columns.ID!.text(row)}\n`))].join("")
      : formatList(options.format, columns, shown, rows);
  await context.stdout.write(text);
  return 0;
}
