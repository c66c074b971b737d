/** `brig start`: starts containers; stays with one when asked to. */

import { BrigError } from "../../base/errors.ts";
import { relay } from "../terminal/relay.ts";
import { SignalProxy } from "../terminal/signal-proxy.ts";
import type { CallTo, Context } from "./context.ts";
import { each } from "./each.ts";
import { checkTerminal } from "./terminal-check.ts";

export async function start(call: CallTo<"start">, context: Context): Promise<number> {
  const { options, operands } = call;
  if (options.attach || options.interactive) return startAttached(call, context);
  const engine = await context.engine();
  return each(operands, context, async (name) => {
    await unlessRunning(async () => (await engine.start(name, {})).session.detach());
    return name;
  });
}

/** As for Docker's users starting what runs already is no failure. */
async function unlessRunning(start: () => Promise<void>): Promise<void> {
  try {
    await start();
  } catch (error) {
    if (!(error instanceof BrigError) || error.code !== "already-running") throw error;
  }
}

async function startAttached({ options, operands }: CallTo<"start">, context: Context): Promise<number> {
  if (operands.length > 1)
    throw new BrigError("invalid", "you cannot start and attach multiple containers at once");
  const engine = await context.engine();
  const { spec } = await engine.inspect(operands[0]!);
  const { terminal = false, openStdin = false } = spec;
  const input = options.interactive && openStdin;
  await checkTerminal(context, { input, terminal });
  using signals = terminal ? undefined : new SignalProxy();
  const { session } = await engine.start(operands[0]!, {
    streams: { stdin: input, stdout: true, stderr: true },
  });
  const { detachKeys } = options;
  const ended = await relay(session, context, { input, terminal, detachKeys, ...(signals && { signals }) });
  return ended?.code ?? 0;
}
