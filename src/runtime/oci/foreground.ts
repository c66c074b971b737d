/** Waiting for a command that the caller stays for. */

import type { Executor } from "../../kernel/executor/executor.ts";
import type { Slot } from "../../kernel/program/argument.ts";
import { ProgramBuilder } from "../../kernel/program/builder.ts";
import { ShimClient } from "../../kernel/shim/client.ts";
import { supervision } from "../../kernel/shim/supervision.ts";
import type { ShimSlots } from "../launch/options.ts";
import { waitForEnd } from "../launch/parent.ts";
import { leave } from "./executor.ts";
import { exitCodeOf } from "./wait-status.ts";

/** Joins the caller's terminal with the command's until the command ends; the door knows how. */
export type TerminalRelay = (client: ShimClient) => Promise<void>;

/** The executor becomes the supervisor of a terminal; everything else of it goes to its owner. */
export const superviseTerminal = {
  kind: "supervise",
  describe: ({ pidfd, master }: ShimSlots) =>
    supervision({
      process: pidfd,
      ...(master ? { terminal: master } : {}),
      stdinOnce: true,
      attach: { stdin: true, stdout: true },
    }),
} as const;

/** Resolves with the exit code when the executor, which waits for the command, says that it has ended. */
export async function awaitCommand(executor: Executor, pidfd: Slot): Promise<number> {
  try {
    const p = new ProgramBuilder();
    waitForEnd(p, pidfd);
    const { answers } = await executor.run(p.instructions);
    return exitCodeOf(answers[0]!.bytes);
  } finally {
    await leave(executor);
  }
}

/** The same for a command with a terminal of its own. */
export async function awaitTerminal(executor: Executor, relay: TerminalRelay): Promise<number> {
  const { client } = await ShimClient.launched(executor.frames);
  const [exit] = await Promise.all([client.wait(), relay(client)]);
  await client.settled();
  return exit.code;
}
