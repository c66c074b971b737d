/** Commands that take several names: every one is tried, what fails is told, and the exit code says that something did. */

import { BrigError } from "../../base/errors.ts";
import { BrokenOutput } from "../terminal/output.ts";
import type { Context } from "./context.ts";
import { errorText } from "./error-text.ts";

export interface EachOptions {
  /** What is not there is told, and is no failure. */
  readonly missingIsFine?: boolean;
  /** All at once, where each takes its time; told in the order of the names all the same. */
  readonly together?: boolean;
}

/** Does `act` for each name and prints the line that it resolves with. */
export async function each(
  names: readonly string[],
  { stdout, stderr, environment }: Context,
  act: (name: string) => Promise<string>,
  { missingIsFine = false, together = false }: EachOptions = {},
): Promise<number> {
  let failed = false;
  const begun = together ? sideBySide(names, act) : undefined;
  for (const [at, name] of names.entries()) {
    try {
      await stdout.write(`${await (begun?.[at] ?? act(name))}\n`);
    } catch (error) {
      if (error instanceof BrokenOutput) throw error;
      failed ||= !(missingIsFine && error instanceof BrigError && error.kind === "not-found");
      await stderr.write(errorText(error, environment));
    }
  }
  return failed ? 1 : 0;
}

/** How many at a time, as with Docker's client. */
const most = 50;

function sideBySide(
  names: readonly string[],
  act: (name: string) => Promise<string>,
): readonly Promise<string>[] {
  const waiting: (() => void)[] = [];
  let free = most;
  return names.map((name) => {
    const done = (async () => {
      if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
      else free--;
      try {
        return await act(name);
      } finally {
        const next = waiting.shift();
        if (next) next();
        else free++;
      }
    })();
    // It is told when its turn has come.
    done.catch(() => {});
    return done;
  });
}
