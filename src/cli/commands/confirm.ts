/** A question before what cannot be undone. */

import type { Context } from "./context.ts";

/** Whether the user says `y`; whatever else is said, or nothing, is no. */
export async function confirm(warning: string, { stdin, stdout }: Context): Promise<boolean> {
  await stdout.write(`${warning}\nAre you sure you want to continue? [y/N] `);
  let line = "";
  for await (const bytes of stdin.bytes()) {
    line += Buffer.from(bytes).toString("latin1");
    if (line.includes("\n") || line.length > longestAnswer) break;
  }
  return /^\s*y\s*$/i.test(line.split("\n", 1)[0]!);
}

/** Who writes more than this has not answered. */
const longestAnswer = 65_536;
