/** The host's network as it is now: what a driver decides by. */

import type { Executor } from "../../kernel/executor/executor.ts";
import { readFact } from "../../kernel/procfs/network.ts";
import { factFiles, factRequests, type HostFacts, readFacts } from "../../network/facts.ts";
import { dump } from "./dump.ts";

export async function readHost(executor: Executor): Promise<HostFacts> {
  const answers: Record<string, Uint8Array> = {};
  for (const [what, request] of Object.entries(factRequests))
    answers[what] = await dump(executor, what, request);
  const files = Object.fromEntries(Object.entries(factFiles).map(([what, path]) => [what, readFact(path)]));
  return readFacts(
    answers as Record<keyof typeof factRequests, Uint8Array>,
    files as Record<keyof typeof factFiles, string>,
  );
}
