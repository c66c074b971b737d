/** `brig exec`: one more process in a running container. */

import { BrigError, doorCodes } from "../../base/errors.ts";
import { present } from "../../base/present.ts";
import type { ExecSpec } from "../../engine/container/info.ts";
import { resolveEnvironment } from "../options/values/env.ts";
import { relay } from "../terminal/relay.ts";
import { readFile } from "./container-spec.ts";
import { type CallTo, CommandFailure, type Context } from "./context.ts";
import { checkTerminal, consoleSize } from "./terminal-check.ts";

export async function exec(call: CallTo<"exec">, context: Context): Promise<number> {
  try {
    return await execInContainer(call, context);
  } catch (error) {
    // A command that cannot be executed has the code a shell gives it; what is wrong with the container is 1.
    if (!(error instanceof BrigError)) throw error;
    const exit = error.code === "no-such-user" ? 126 : doorCodes[error.kind].exit;
    throw exit === 126 || exit === 127 ? new CommandFailure(error, exit) : error;
  }
}

async function execInContainer({ options, operands }: CallTo<"exec">, context: Context): Promise<number> {
  const [name, ...command] = operands as [string, ...string[]];
  const { interactive, detach, tty: terminal, detachKeys } = options;
  const input = interactive && !detach;
  if (!detach) await checkTerminal(context, { input, terminal });
  const spec: ExecSpec = {
    command,
    ...present({
      env: resolveEnvironment(options.env, options.envFile, { environment: context.environment, readFile }),
      workingDirectory: options.workdir || undefined,
      user: options.user || undefined,
      terminal: terminal || undefined,
      openStdin: input || undefined,
      privileged: options.privileged || undefined,
      consoleSize: terminal && !detach ? await consoleSize(context) : undefined,
    }),
  };
  const engine = await context.engine();
  const streams = detach ? {} : { stdin: input, stdout: true, stderr: true };
  const session = await engine.exec(name, spec, streams);
  if (detach) {
    await session.detach();
    return 0;
  }
  const ended = await relay(session, context, { input, terminal, detachKeys });
  return ended?.code ?? 0;
}
