/** `brig import`: makes an image of an archive of a root file system, and prints its id. */

import { BrigError } from "../../base/errors.ts";
import type { CallTo, Context } from "./context.ts";
import { readArchive } from "./load.ts";
import { present } from "./present.ts";

export async function importImage(
  { options, operands }: CallTo<"import">,
  context: Context,
): Promise<number> {
  const [source, reference] = operands as [string, string?];
  if (options.change.length > 0)
    throw new BrigError("unsupported", "--change is not supported yet: say it at brig run");
  if (/^https?:\/\//.test(source))
    throw new BrigError(
      "unsupported",
      `cannot import ${source}: fetch it first, and pipe it to brig import -`,
    );
  const { os, architecture, variant } = options.platform ?? {};
  const platform = [os, architecture, variant].filter(Boolean).join("/") || undefined;
  const input = source === "-" ? context.stdin.bytes() : readArchive(source);
  const engine = await context.engine();
  const { id } = await engine.importImage(input, present({ reference, message: options.message, platform }));
  await context.stdout.write(`${id}\n`);
  return 0;
}
