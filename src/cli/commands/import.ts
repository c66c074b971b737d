/** `brig import`: makes an image of an archive of a root file system, and prints its id. */

import { BrigError } from "../../base/errors.ts";
import { present } from "../../base/present.ts";
import type { CallTo, Context } from "./context.ts";
import { readArchive } from "./load.ts";
import { platformText } from "./platform-text.ts";

export async function importImage(
  { options, operands }: CallTo<"import">,
  context: Context,
): Promise<number> {
  const [source, reference] = operands as [string, string?];
  if (/^https?:\/\//.test(source))
    throw new BrigError(
      "unsupported",
      `cannot import ${source}: fetch it first, and pipe it to brig import -`,
    );
  const { message, change: changes } = options;
  const input = source === "-" ? context.stdin.bytes() : readArchive(source);
  const engine = await context.engine();
  const { id } = await engine.importImage(
    input,
    present({ reference, message, platform: platformText(options.platform), changes }),
  );
  await context.stdout.write(`${id}\n`);
  return 0;
}
