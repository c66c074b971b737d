/** `brig man`: the manual pages as files, for whoever packages brig. */

import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import packageJson from "../../../package.json" with { type: "json" };
import { manPages } from "../flags/man.ts";
import { brig } from "../options/program.ts";
import type { CallTo, Context } from "./context.ts";

export async function man({ operands }: CallTo<"man">, { directory }: Context): Promise<number> {
  const folder = resolve(directory, operands[0]!);
  mkdirSync(folder, { recursive: true });
  for (const { file, text } of manPages(brig, packageJson.version)) writeFileSync(join(folder, file), text);
  return 0;
}
