/** `run`: create and start in one, waited for and deleted unless detached. */

import { specState } from "./container-state.ts";
import type { OciContext } from "./context.ts";
import { requireConsole } from "./create.ts";
import { destroyContainer } from "./delete.ts";
import { leave } from "./executor.ts";
import { awaitCommand, awaitTerminal, superviseTerminal, type TerminalRelay } from "./foreground.ts";
import { runPoststart } from "./host-hooks.ts";
import { type Made, type MakeOptions, makeContainer } from "./make.ts";
import { SignalForwarder } from "./signal-forwarder.ts";

export interface RunOptions extends MakeOptions {
  readonly detach: boolean;
  /** The container stays, stopped, when its process has ended. */
  readonly keep: boolean;
  readonly relay: TerminalRelay;
}

/** Resolves with the exit code of the command; 0 when detached. */
export async function runContainer(context: OciContext, options: RunOptions): Promise<number> {
  const { detach, keep } = options;
  using signals = detach ? undefined : new SignalForwarder();
  const made = await makeContainer(context, options, (config) => {
    const foreground = !detach && options.consoleSocket === undefined;
    if (!foreground || !config.process?.terminal) requireConsole(config, options);
    if (detach) return "leave";
    return config.process?.terminal && foreground ? superviseTerminal : "wait";
  });
  const { record, config, executor, pid } = made;
  signals?.to(pid);
  try {
    await runPoststart(context, config.hooks?.poststart, specState(record, "running", pid));
  } catch (error) {
    await leave(executor);
    await destroyContainer(context, record);
    throw error;
  }
  if (detach) {
    await leave(executor);
    return 0;
  }
  const code = await awaitEnd(made, options);
  if (!keep) await destroyContainer(context, record);
  return code;
}

function awaitEnd({ config, executor, pidfd }: Made, options: RunOptions): Promise<number> {
  return config.process?.terminal && options.consoleSocket === undefined
    ? awaitTerminal(executor, options.relay)
    : awaitCommand(executor, pidfd);
}
