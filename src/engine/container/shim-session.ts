/** A session over a shim's connection; the owner's settles the container when it has waited for its end. */

import { BrigError } from "../../base/errors.ts";
import type { ShimClient } from "../../kernel/shim/client.ts";
import type { Exit } from "../../kernel/shim/wire.ts";
import type { Ended, OutputChunk, Session } from "../session.ts";

export interface SessionEnd {
  readonly pid?: number;
  /** Does what follows the end; only an owner has something to do. */
  readonly ended: (exit: Exit) => Promise<Ended>;
  /** The shim was killed, and the process with it. */
  readonly gone?: () => Promise<Ended>;
  /** The terminal has another size. */
  readonly resized?: (rows: number, columns: number) => void;
  /** What is read in place of the live output. */
  readonly output?: AsyncIterable<OutputChunk>;
}

export function shimSession(
  client: ShimClient,
  { ended, gone, resized = () => {}, ...read }: SessionEnd,
): Session {
  let done: Promise<Ended> | undefined;
  // An owner is waited for and never lags.
  const output = read.output ?? (client.output as AsyncIterable<OutputChunk>);
  return {
    ...(read.pid === undefined ? {} : { pid: read.pid }),
    output: gone ? untilGone(output) : output,
    write: (bytes) => client.write(bytes),
    closeStdin: () => client.closeStdin(),
    async resize(rows, columns) {
      await client.resize(rows, columns);
      resized(rows, columns);
    },
    signal: (number) => client.signal(number),
    wait: () => (done ??= client.wait().then(ended, gone)),
    detach: () => client.detach(),
  };
}

/** Where `wait` tells of a shim that was killed, its output just ends. */
async function* untilGone(output: AsyncIterable<OutputChunk>): AsyncGenerator<OutputChunk> {
  try {
    yield* output;
  } catch (error) {
    if (!(error instanceof BrigError && error.code === "no-shim")) throw error;
  }
}
