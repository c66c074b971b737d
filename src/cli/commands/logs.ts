/** `brig logs`: what a container has written, each stream on the caller's own. */

import { instant } from "../../docker/text/moment.ts";
import type { LogQuery } from "../../engine/container/info.ts";
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
  const engine = await context.engine();
  for await (const { stream, time, bytes } of engine.logs(name, query)) {
    // Of the attributes that Docker's other log drivers keep there are none.
    const head = (options.timestamps ? `${time} ` : "") + (options.details ? " " : "");
    await context[stream].write(head === "" ? bytes : Buffer.concat([Buffer.from(head), bytes]));
  }
  return 0;
}

/** As Docker has it, whatever is no count of lines means all of them. */
function linesOf(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined;
}
