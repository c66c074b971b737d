/** `brig update`: other limits and another restart policy for containers. */

import { BrigError } from "../../base/errors.ts";
import { present } from "../../base/present.ts";
import type { CallTo, Context } from "./context.ts";
import { each } from "./each.ts";

export async function update(call: CallTo<"update">, context: Context): Promise<number> {
  const { options, operands, given } = call;
  if (given.size === 0)
    throw new BrigError("invalid", "you must provide one or more flags when using this command");
  const { restart, cpus, cpusetCpus, cpusetMems, ...limits } = options;
  const resources = present({
    ...limits,
    nanoCpus: cpus,
    cpusetCpus: cpusetCpus || undefined,
    cpusetMems: cpusetMems || undefined,
  });
  const engine = await context.engine();
  const warnings = new Set<string>();
  const code = await each(operands, context, async (name) => {
    for (const warning of await engine.update(name, present({ resources, restart }))) warnings.add(warning);
    return name;
  });
  for (const warning of warnings) await context.stderr.write(`WARNING: ${warning}\n`);
  return code;
}
