/** `brig images`: lists images, the newest first, a line for each of their names. */

import { imageRows } from "../../docker/image-rows.ts";
import { imageColumns, imageTable, imageTableWithDigests } from "../render/image-columns.ts";
import { formatList } from "../terminal/format.ts";
import type { CallTo, Context } from "./context.ts";

export async function images({ options, operands }: CallTo<"images">, context: Context): Promise<number> {
  const documents = await context.documents();
  const found = await documents.images({ filters: options.filter, reference: operands[0] });
  const rows = found
    .toSorted((a, b) => b.Created - a.Created)
    .flatMap((image) => imageRows(image, image.RepoTags));
  const columns = imageColumns(options.noTrunc, context.now());
  const shown = options.digests ? imageTableWithDigests : imageTable;
  const text =
    options.quiet && !options.format
      ? [...new Set(rows.map((row) => `${columns.ID!.text(row)}\n`))].join("")
      : formatList(options.format, columns, shown, rows);
  await context.stdout.write(text);
  return 0;
}
