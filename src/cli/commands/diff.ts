/** `brig diff`: what a container has changed, a line each. */

import type { CallTo, Context } from "./context.ts";

const letters = { modified: "C", added: "A", deleted: "D" } as const;

export async function diff({ operands }: CallTo<"diff">, context: Context): Promise<number> {
  const engine = await context.engine();
  const changes = await engine.changes(operands[0]!);
  // Paths are bytes.
  const text = changes.map(({ kind, path }) => `${letters[kind]} ${path}\n`).join("");
  await context.stdout.write(Buffer.from(text, "latin1"));
  return 0;
}
