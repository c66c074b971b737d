/** `brig info`: what the engine has and what the host can do. */

import { infoText } from "../render/info-text.ts";
import { formatOne } from "../terminal/format.ts";
import type { CallTo, Context } from "./context.ts";

export async function info({ options }: CallTo<"info">, context: Context): Promise<number> {
  const facts = await (await context.documents()).info();
  const { format } = options;
  await context.stdout.write(format ? `${formatOne(format, facts)}\n` : infoText(facts));
  return 0;
}
