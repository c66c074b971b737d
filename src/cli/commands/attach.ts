/** `brig attach`: connects the caller to a running container, from now on. */

import { BrigError } from "../../base/errors.ts";
import { relay } from "../terminal/relay.ts";
import { SignalProxy } from "../terminal/signal-proxy.ts";
import type { CallTo, Context } from "./context.ts";
import { checkTerminal } from "./terminal-check.ts";

export async function attach({ options, operands }: CallTo<"attach">, context: Context): Promise<number> {
  const [name] = operands as [string];
  const engine = await context.engine();
  const { state, spec } = await engine.inspect(name);
  if (state === "paused")
    throw new BrigError("conflict", "You cannot attach to a paused container, unpause it first");
  if (state !== "running")
    throw new BrigError("conflict", "You cannot attach to a stopped container, start it first");
  const { terminal = false, openStdin = false } = spec;
  const input = openStdin && !options.noStdin;
  await checkTerminal(context, { input, terminal });
  using signals = options.sigProxy && !terminal ? new SignalProxy() : undefined;
  const session = await engine.attach(name, { stdin: input, stdout: true, stderr: true });
  const { detachKeys } = options;
  const ended = await relay(session, context, { input, terminal, detachKeys, ...(signals && { signals }) });
  return ended?.code ?? 0;
}
