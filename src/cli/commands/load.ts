/** `brig load`: reads images from an archive. */

import { createReadStream } from "node:fs";
import { BrigError } from "../../base/errors.ts";
import { openError } from "./container-spec.ts";
import type { CallTo, Context } from "./context.ts";

export async function load({ options }: CallTo<"load">, context: Context): Promise<number> {
  if (options.platform) throw new BrigError("unsupported", "--platform is not supported yet for load");
  if (!options.input && (await context.stdin.isTerminal()))
    throw new BrigError("invalid", "requested load from stdin, but stdin is empty");
  const input = options.input ? readArchive(options.input) : context.stdin.bytes();
  const engine = await context.engine();
  for await (const { reference, id } of engine.load(input)) {
    await context.stdout.write(
      reference === undefined ? `Loaded image ID: ${id}\n` : `Loaded image: ${reference}\n`,
    );
  }
  return 0;
}

/** The bytes of a file. What prevents reading it is said before anything else happens. */
export async function* readArchive(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path, { highWaterMark: chunkSize });
  } catch (error) {
    throw (error as NodeJS.ErrnoException).syscall === undefined ? error : openError(path, error);
  }
}

/** Large enough that reading is no part of the time that unpacking takes. */
const chunkSize = 1024 * 1024;
