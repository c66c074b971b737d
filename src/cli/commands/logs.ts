/** `brig logs`: what a container has written, each stream on the caller's own. */

import { Parts } from "../../docker/log-parts.ts";
import { instant } from "../../docker/text/moment.ts";
import type { LogEntry, LogQuery } from "../../engine/container/info.ts";
import type { CallTo, Context } from "./context.ts";

export async function logs({ options, operands }: CallTo<"logs">, context: Context): Promise<number> {
  const [name] = operands as [string];
  const now = BigInt(context.now()) * 1_000_000n;
  const tail = linesOf(options.tail);
  const query: LogQuery = {
    follow: options.follow,
    stdout: true,
    stderr: true,
    ...(options.since && { since: instant(options.since, now) }),
    ...(options.until && { until: instant(options.until, now) }),
    ...(tail !== undefined && { tail }),
  };
  // Of the attributes that Docker's other log drivers keep there are none.
  const headOf = ({ time }: LogEntry) =>
    (options.timestamps ? `${time} ` : "") + (options.details ? " " : "");
  const parts = options.timestamps || options.details ? new Parts() : undefined;
  const engine = await context.engine();
  for await (const entries of engine.logPieces(name, query))
    for (const { stream, bytes } of runsOf(parts ? parts.of(entries, headOf) : entries))
      await context[stream].write(Buffer.concat(bytes));
  return 0;
}

type Piece = Pick<LogEntry, "stream" | "bytes">;

/** What goes to one stream before something goes to the other: a write for each line would take most of the time. */
function runsOf(
  pieces: Iterable<Piece>,
): readonly { readonly stream: Piece["stream"]; readonly bytes: Uint8Array[] }[] {
  const runs: { readonly stream: Piece["stream"]; readonly bytes: Uint8Array[] }[] = [];
  for (const { stream, bytes } of pieces) {
    const run = runs.at(-1);
    if (run?.stream === stream) run.bytes.push(bytes);
    else runs.push({ stream, bytes: [bytes] });
  }
  return runs;
}

/** As Docker has it, whatever is no count of lines means all of them. */
function linesOf(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined;
}
