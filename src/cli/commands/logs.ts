/** `brig logs`: what a container has written, each stream on the caller's own. */

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
  const engine = await context.engine();
  for await (const entries of engine.logPieces(name, query))
    for (const { stream, parts } of runsOf(entries, headOf))
      await context[stream].write(Buffer.concat(parts));
  return 0;
}

interface Run {
  readonly stream: LogEntry["stream"];
  readonly parts: Uint8Array[];
}

/** What goes to one stream before something goes to the other: a write for each line would take most of the time. */
function runsOf(entries: readonly LogEntry[], headOf: (entry: LogEntry) => string): readonly Run[] {
  const runs: Run[] = [];
  for (const entry of entries) {
    let run = runs.at(-1);
    if (run?.stream !== entry.stream) runs.push((run = { stream: entry.stream, parts: [] }));
    const head = headOf(entry);
    if (head !== "") run.parts.push(Buffer.from(head));
    run.parts.push(entry.bytes);
  }
  return runs;
}

/** As Docker has it, whatever is no count of lines means all of them. */
function linesOf(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined;
}
