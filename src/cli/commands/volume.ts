/** `brig volume …`: makes, lists, shows and removes volumes. */

import { BrigError } from "../../base/errors.ts";
import { present } from "../../base/present.ts";
import { resolveLabels } from "../options/values/label.ts";
import { volumeColumns, volumeTable } from "../render/volume-columns.ts";
import { formatList } from "../terminal/format.ts";
import { readFile } from "./container-spec.ts";
import type { CallTo, Context } from "./context.ts";
import { each } from "./each.ts";
import { inspectEach } from "./inspect-each.ts";

export async function volumeCreate(call: CallTo<"volumeCreate">, context: Context): Promise<number> {
  const { options, operands } = call;
  if (operands[0] !== undefined && options.name !== undefined)
    throw new BrigError(
      "invalid",
      "conflicting options: either specify --name or provide positional arg, not both",
    );
  const request = present({
    name: (operands[0] ?? options.name) || undefined,
    driver: options.driver || undefined,
    options: options.opt,
    labels: resolveLabels(options.label, [], readFile),
  });
  const { name } = await (await context.engine()).createVolume(request);
  await context.stdout.write(`${name}\n`);
  return 0;
}

export async function volumeInspect(call: CallTo<"volumeInspect">, context: Context): Promise<number> {
  const documents = await context.documents();
  return inspectEach(call.operands, call.options.format, context, (name) => documents.volume(name));
}

export async function volumeLs({ options }: CallTo<"volumeLs">, context: Context): Promise<number> {
  const shown = await (await context.documents()).volumes(options.filter);
  const format = options.quiet && !options.format ? "{{.Name}}" : options.format;
  await context.stdout.write(formatList(format, volumeColumns, volumeTable, shown));
  return 0;
}

export async function volumeRm({ options, operands }: CallTo<"volumeRm">, context: Context): Promise<number> {
  const engine = await context.engine();
  return each(operands, context, async (name) => {
    try {
      await engine.removeVolume(name);
    } catch (error) {
      if (!(options.force && error instanceof BrigError && error.kind === "not-found")) throw error;
    }
    return name;
  });
}
