/** A terminal in the container needs one at the caller's side to be typed at. */

import { BrigError } from "../../base/errors.ts";
import type { Context } from "./context.ts";
import { CommandFailure } from "./context.ts";

/** Refuses, in Docker's words, to connect a stdin that is no terminal to one. */
export async function checkTerminal(
  { stdin }: Context,
  { input, terminal }: { readonly input: boolean; readonly terminal: boolean },
): Promise<void> {
  if (input && terminal && !(await stdin.isTerminal()))
    throw new CommandFailure(new BrigError("invalid", "the input device is not a TTY"), 1);
}

/** The size a new terminal begins with; absent when the caller has none. */
export async function consoleSize({
  stdout,
}: Context): Promise<{ readonly height: number; readonly width: number } | undefined> {
  const { windowSize } = await import("../terminal/terminal.ts");
  const size = windowSize(stdout.terminal());
  return size && { height: size.rows, width: size.columns };
}
