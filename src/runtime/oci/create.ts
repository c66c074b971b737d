/** `create` (runtime.md#create): the container is set up and its process waits for `start`. */

import { BrigError } from "../../base/errors.ts";
import type { RuntimeConfig } from "../../spec/runtime/config.ts";
import type { OciContext } from "./context.ts";
import { leave } from "./executor.ts";
import { type MakeOptions, makeContainer } from "./make.ts";

export async function createContainer(context: OciContext, options: MakeOptions): Promise<void> {
  const { executor } = await makeContainer(context, options, (config) => {
    requireConsole(config, options);
    return "await start";
  });
  await leave(executor);
}

/** Whoever leaves a container with a terminal to itself names a socket for it, and nobody else does. */
export function requireConsole(
  config: RuntimeConfig,
  { consoleSocket }: Pick<MakeOptions, "consoleSocket">,
): void {
  const terminal = config.process?.terminal ?? false;
  if (terminal && consoleSocket === undefined)
    throw new BrigError(
      "invalid",
      "cannot allocate tty if the runtime will detach without setting console socket; use --console-socket",
    );
  if (!terminal && consoleSocket !== undefined)
    throw new BrigError(
      "invalid",
      "cannot use console socket if the runtime will not detach or allocate tty; set process.terminal or leave it out",
    );
}
