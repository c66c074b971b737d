/** `brig rmi`: takes names off images, and removes those that have none left. */

import type { CallTo, Context } from "./context.ts";
import { each } from "./each.ts";

const words = { untagged: "Untagged", deleted: "Deleted" } as const;

export async function rmi({ options, operands }: CallTo<"rmi">, context: Context): Promise<number> {
  const { force } = options;
  const engine = await context.engine();
  return each(
    operands,
    context,
    async (name) => {
      const done = await engine.removeImage(name, { force });
      return done.map(({ kind, what }) => `${words[kind]}: ${what}`).join("\n");
    },
    { missingIsFine: force },
  );
}
