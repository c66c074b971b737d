/** The door of brig: from the words of a command line to a handler, and from what came of it to the exit code. */

import type { Documents } from "../docker/documents/documents.ts";
import type { EngineOptions } from "../engine/engine.ts";
import { CommandFailure, type Context, type ServeOptions } from "./commands/context.ts";
import type { EngineDoor } from "./commands/engine-door.ts";
import { errorText } from "./commands/error-text.ts";
import { handlers } from "./commands/handlers.ts";
import { dispatch } from "./flags/program.ts";
import { resolve } from "./flags/resolve.ts";
import { UsageError } from "./flags/usage-error.ts";
import { targetFor } from "./local-only.ts";
import { resolvePlace } from "./options/global.ts";
import { brig } from "./options/program.ts";
import type { TlsFlags } from "./remote.ts";
import { type Target, targetOf } from "./target.ts";
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
        const target = targetFor(invocation.name, targetOf(invocation.globals, env));
        const self = selfCommand(entry);
        const warn = (message: string) => void stderr.write(`WARNING: ${message}\n`).catch(() => {});
        using door = new LazyDoor(() =>
          target.kind === "local"
            ? openLocal({ ...place, self, warn })
            : openRemote(target, invocation.globals, warn),
        );
        const context: Context = {
          engine: async () => (await door.open()).engine,
          target,
          runRoot: place.runRoot,
          self: [...self, "--root", place.root, "--run-root", place.runRoot],
          documents: async () => (await door.open()).documents(),
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

interface Door {
  readonly engine: EngineDoor;
  readonly documents: () => Promise<Documents>;
}

/** Opened at the first use, which many commands never come to. */
class LazyDoor implements Disposable {
  readonly #find: () => Promise<Door>;
  #door: Promise<Door> | undefined;
  #engine: EngineDoor | undefined;

  constructor(find: () => Promise<Door>) {
    this.#find = find;
  }

  async open(): Promise<Door> {
    const door = await (this.#door ??= this.#find());
    this.#engine = door.engine;
    return door;
  }

  [Symbol.dispose](): void {
    this.#engine?.[Symbol.dispose]();
  }
}

async function openLocal(options: EngineOptions): Promise<Door> {
  const { Engine } = await import("../engine/engine.ts");
  const engine = Engine.open(options);
  const documents = async () => {
    const { documentsOf } = await import("../docker/documents/of-engine.ts");
    return documentsOf(engine, Date.now);
  };
  return { engine, documents };
}

/** Nothing of it is loaded for an engine of this host. */
async function openRemote(
  target: Exclude<Target, { readonly kind: "local" }>,
  flags: TlsFlags,
  warn: (message: string) => void,
): Promise<Door> {
  const { remoteOptions } = await import("./remote.ts");
  const { open } = await import("../client/open.ts");
  const { engine, documents } = open({ ...remoteOptions(target, flags, process.env), warn });
  return { engine, documents: async () => documents };
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
