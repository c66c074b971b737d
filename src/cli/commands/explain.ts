/** `brig explain run …`: prints what the run would do, and does nothing of it. */

import { BrigError } from "../../base/errors.ts";
import { resolve } from "../flags/resolve.ts";
import { brig } from "../options/program.ts";
import { attachmentOf } from "./attachment.ts";
import { containerSpec } from "./container-spec.ts";
import type { CallTo, Context } from "./context.ts";
import { withImage } from "./with-image.ts";

export async function explain({ options, operands }: CallTo<"explain">, context: Context): Promise<number> {
  const explained = resolve(brig, operands);
  if (explained.kind === "help") {
    await context.stdout.write(explained.text);
    return 0;
  }
  if (explained.kind !== "call" || (explained.name !== "run" && explained.name !== "create"))
    throw new BrigError("invalid", `cannot explain '${operands[0]}'; only run and create can be explained`);
  const input = attachmentOf(explained.options)?.stdin ?? false;
  const spec = containerSpec(explained.options, explained.operands, context, input);
  const engine = await context.engine();
  const { pull } = explained.options;
  const { text, json } = await withImage(spec.image, pull, engine, context, () => engine.explain(spec));
  await context.stdout.write(options.format === "json" ? `${JSON.stringify(json, null, 2)}\n` : lines(text));
  return 0;
}

function lines(text: string): string {
  return text.endsWith("\n") ? text : `${text}\n`;
}
