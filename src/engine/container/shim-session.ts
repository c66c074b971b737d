/** A session over a shim's connection; the owner's settles the container when it has waited for its end. */

import type { ShimClient } from "../../kernel/shim/client.ts";
import type { Exit } from "../../kernel/shim/wire.ts";
import type { Ended, OutputChunk, Session } from "../session.ts";

/** `ended` does what follows the end; only an owner has something to do. */
export function shimSession(client: ShimClient, ended: (exit: Exit) => Promise<Ended>): Session {
  let done: Promise<Ended> | undefined;
  return {
    output: client.output as AsyncIterable<OutputChunk>,
    write: (bytes) => client.write(bytes),
    closeStdin: () => client.closeStdin(),
    resize: (rows, columns) => client.resize(rows, columns),
    signal: (number) => client.signal(number),
    wait: () => (done ??= client.wait().then(ended)),
    detach: () => client.detach(),
  };
}
