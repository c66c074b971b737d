/** The door of brig: from the words of a command line to a handler, and from what came of it to the exit code. */

import type { Engine, EngineOptions } from "../engine/engine.ts";
import { CommandFailure, type Context, type ServeOptions } from "./commands/context.ts";
import type { EngineDoor } from "./commands/engine-door.ts";
import { errorText } from "./commands/error-text.ts";
import { handlers } from "./commands/handlers.ts";
import { dispatch } from "./flags/program.ts";
import { resolve } from "./flags/resolve.ts";
import { UsageError } from "./flags/usage-error.ts";
import { resolvePlace } from "./options/global.ts";
import { brig } from "./options/program.ts";
import { standardInput } from "./terminal/input.ts";
import { BrokenOutput, Output } from "./terminal/output.ts";

/** As a shell tells of a program that SIGPIPE has ended. */
const brokenPipe = 141;

/** Resolves with the exit code. `entry` is the file of the module that was started. */
export async function brigMain(
  argv: readonly string[],
  entry: string,
  serve: (options: ServeOptions) => Promise<number>,
): Promise<number> {
  const stdout = new Output(1);
  const stderr = new Output(2);
  const { env } = process;
  try {
    const invocation = resolve(brig, argv, () => stdout.terminal()?.columns);
    switch (invocation.kind) {
      case "version": {
        const { versionLine } = await import("./commands/version.ts");
        await stdout.write(versionLine());
        return 0;
      }
      case "help":
        for (const warning of invocation.warnings) await stderr.write(`${warning}\n`);
        await stdout.write(invocation.text);
        return 0;
      case "call": {
        for (const warning of invocation.warnings) await stderr.write(`${warning}\n`);
        const place = resolvePlace(invocation.globals, env);
        const self = selfCommand(entry);
        using engine = new LazyEngine({
          ...place,
          self,
          warn: (message) => void stderr.write(`WARNING: ${message}\n`).catch(() => {}),
        });
        const context: Context = {
          engine: () => engine.open(),
          serve: (options) => serve({ ...options, ...place, self }),
          stdin: standardInput,
          stdout,
          stderr,
          environment: env,
          directory: process.cwd(),
          now: Date.now,
        };
        return await dispatch(invocation, handlers, context);
      }
    }
  } catch (error) {
    return tell(error, stderr, env);
  }
}

/** Opened at the first use, which many commands never come to. */
class LazyEngine implements Disposable {
  readonly #options: EngineOptions;
  #engine: Engine | undefined;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  async open(): Promise<EngineDoor> {
    const { Engine } = await import("../engine/engine.ts");
    return (this.#engine ??= Engine.open(this.#options));
  }

  [Symbol.dispose](): void {
    this.#engine?.[Symbol.dispose]();
  }
}

/** The command line that runs this brig: the executable alone, or the runtime with the entry module. */
function selfCommand(entry: string): readonly string[] {
  return entry.startsWith("/$bunfs/") ? [process.execPath] : [process.execPath, entry];
}

/** Says what went wrong, once, and gives the exit code. */
async function tell(error: unknown, stderr: Output, environment: NodeJS.ProcessEnv): Promise<number> {
  if (error instanceof BrokenOutput) return brokenPipe;
  const failure = error instanceof CommandFailure ? error : undefined;
  const reason = failure?.cause ?? error;
  const text =
    reason instanceof UsageError
      ? `${reason.text}\n`
      : errorText(reason, environment) +
        (failure?.helpOf ? `\nRun '${failure.helpOf} --help' for more information\n` : "");
  await stderr.write(text).catch(() => {});
  return reason instanceof UsageError ? reason.exit : (failure?.exit ?? 1);
}
