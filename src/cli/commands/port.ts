/** `brig port`: where a container's ports are published, all of them or one. */

import { BrigError } from "../../base/errors.ts";
import { publishedAt, publishedLines } from "../../docker/ports.ts";
import { parseExpose } from "../../network/ports/parse.ts";
import type { CallTo, Context } from "./context.ts";

export async function port({ operands }: CallTo<"port">, context: Context): Promise<number> {
  const [name, wanted] = operands;
  const { endpoint } = await (await context.engine()).inspect(name!);
  const published = endpoint?.ports ?? [];
  const one = wanted === undefined ? undefined : parseExpose(wanted)[0]!;
  const lines = one ? publishedAt(published, one) : publishedLines(published);
  if (one && lines.length === 0)
    throw new BrigError("not-found", `No public port '${one.port}/${one.protocol}' published for ${name}`);
  await context.stdout.write(lines.map((line) => `${line}\n`).join(""));
  return 0;
}
