/** The programs in the pages of docs/library: blocks of TypeScript, each with the text that it prints in the block behind. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface DocumentedProgram {
  /** "start.md: A container in thirty lines" */
  readonly title: string;
  /** "start-1" */
  readonly name: string;
  readonly code: string;
  readonly prints: string;
}

const folder = join(import.meta.dirname, "../../docs/library");

export function documentedPrograms(): readonly DocumentedProgram[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".md"))
    .sort()
    .flatMap((file) => programsOf(file, readFileSync(join(folder, file), "utf8")));
}

function programsOf(file: string, text: string): readonly DocumentedProgram[] {
  const programs: DocumentedProgram[] = [];
  const blocks = /^#+ (.*)$|^```ts\n([\s\S]*?)^```\n[^`#]*?^```text\n([\s\S]*?)^```$/gm;
  let title = "";
  for (const [, heading, code, prints] of text.matchAll(blocks)) {
    if (heading !== undefined) title = heading;
    else
      programs.push({
        title: `${file}: ${title}`,
        name: `${file.slice(0, -3)}-${programs.length + 1}`,
        code: code!,
        prints: prints!,
      });
  }
  const count = text.match(/^```ts$/gm)?.length ?? 0;
  if (count !== programs.length)
    throw new Error(`${file} has ${count} programs, and tells what ${programs.length} of them print`);
  return programs;
}
