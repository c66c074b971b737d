/**
 * `brig run`: makes a container, starts it, and stays with it unless told otherwise. Every failure before the
 * container's own end has exit code 125, 126 or 127, as Docker's.
 */

import { BrigError, doorCodes } from "../../base/errors.ts";
import { BrokenOutput } from "../terminal/output.ts";
import { relay } from "../terminal/relay.ts";
import { SignalProxy } from "../terminal/signal-proxy.ts";
import { attachmentOf } from "./attachment.ts";
import { CidFile } from "./cid-file.ts";
import { containerSpec } from "./container-spec.ts";
import { type CallTo, CommandFailure, type Context } from "./context.ts";
import type { Created } from "./engine-door.ts";
import { checkTerminal, consoleSize } from "./terminal-check.ts";
import { withImage } from "./with-image.ts";

export async function run(call: CallTo<"run">, context: Context): Promise<number> {
  try {
    return await runContainer(call, context);
  } catch (error) {
    if (error instanceof CommandFailure || error instanceof BrokenOutput) throw error;
    const exit = error instanceof BrigError ? doorCodes[error.kind].exit : doorCodes.internal.exit;
    throw new CommandFailure(error, exit, call.path);
  }
}

async function runContainer({ options, operands }: CallTo<"run">, context: Context): Promise<number> {
  const streams = conflictFree(() => attachmentOf(options));
  const input = streams?.stdin ?? false;
  let spec = containerSpec(options, operands, context, input);
  if (options.tty && streams) {
    await checkTerminal(context, { input, terminal: true });
    const size = await consoleSize(context);
    if (size) spec = { ...spec, consoleSize: size };
  }
  using cidFile = options.cidfile ? CidFile.reserve(options.cidfile) : undefined;
  using signals = streams && options.sigProxy ? new SignalProxy() : undefined;
  const engine = await context.engine();
  const silent = !streams?.stdout && !streams?.stderr;
  let made: Created | undefined;
  const created = (container: Created) => {
    made = container;
    cidFile?.write(container.id);
  };
  const attach = streams ? { streams } : {};
  const running = withImage(spec.image, options.pull, engine, context, () =>
    engine.run(spec, { ...attach, created }),
  );
  // Also of a container that could not be started: it stays, unless it is to be removed.
  if (silent) await running.catch(() => {}).then(() => made && context.stdout.write(`${made.id}\n`));
  const { session } = await running;
  if (silent && !input) {
    await session.detach();
    return 0;
  }
  const ended = await relay(session, context, {
    input,
    terminal: options.tty,
    detachKeys: options.detachKeys,
    ...(signals && { signals }),
  });
  return ended?.code ?? 0;
}

/** Docker tells of this conflict before it becomes a matter of running containers. */
function conflictFree<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw new CommandFailure(error, 1);
  }
}
