/** `brig history`: the steps that an image was made of, the newest first. */

import { historyColumns, historyTable } from "../render/history-columns.ts";
import { formatList } from "../terminal/format.ts";
import type { CallTo, Context } from "./context.ts";

export async function history({ options, operands }: CallTo<"history">, context: Context): Promise<number> {
  const engine = await context.engine();
  const steps = await engine.history(operands[0]!);
  const columns = historyColumns({ full: options.noTrunc, human: options.human, now: context.now() });
  const text =
    options.quiet && !options.format
      ? steps.map((step) => `${columns.ID!.text(step)}\n`).join("")
      : formatList(options.format, columns, historyTable, steps);
  await context.stdout.write(text);
  return 0;
}
