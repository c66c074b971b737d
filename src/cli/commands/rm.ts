/** `brig rm`: removes containers. With --force one that is not there is as good as removed. */

import type { CallTo, Context } from "./context.ts";
import { each } from "./each.ts";

export async function rm({ options, operands }: CallTo<"rm">, context: Context): Promise<number> {
  const { force, volumes } = options;
  const engine = await context.engine();
  return each(
    operands,
    context,
    async (name) => {
      await engine.remove(name, { force, volumes, release: true });
      return name;
    },
    { missingIsFine: force, together: true },
  );
}
