/** The command line of this very package, for whoever has only imported the engine. */

import { extname, join } from "node:path";

/** This runtime with the command line's entry, in whatever language the package has it. */
export function ownCommand(): readonly string[] {
  return [process.execPath, join(import.meta.dirname, `../main${extname(import.meta.filename)}`)];
}
