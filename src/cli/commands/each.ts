/** Commands that take several names: every one is tried, what fails is told, and the exit code says that something did. */

import { BrigError } from "../../base/errors.ts";
import { BrokenOutput } from "../terminal/output.ts";
import type { Context } from "./context.ts";
import { errorText } from "./error-text.ts";

/** Does `act` for each name in turn and prints the line that it resolves with. */
export async function each(
  names: readonly string[],
  { stdout, stderr, environment }: Context,
  act: (name: string) => Promise<string>,
  /** What is not there is told, and is no failure. */
  { missingIsFine = false }: { readonly missingIsFine?: boolean } = {},
): Promise<number> {
  let failed = false;
  for (const name of names) {
    try {
      await stdout.write(`${await act(name)}\n`);
    } catch (error) {
      if (error instanceof BrokenOutput) throw error;
      failed ||= !(missingIsFine && error instanceof BrigError && error.kind === "not-found");
      await stderr.write(errorText(error, environment));
    }
  }
  return failed ? 1 : 0;
}
