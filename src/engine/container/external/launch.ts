/** From a process that waits to become another runtime to a container that runs: its bundle, and what the calls say. */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BrigError } from "../../../base/errors.ts";
import type { Executor } from "../../../kernel/executor/executor.ts";
import { KernelFailure } from "../../../kernel/executor/failure.ts";
import { ShimClient } from "../../../kernel/shim/client.ts";
import { externalConfig } from "../../../runtime/external/config.ts";
import { runtimeFailure } from "../../../runtime/external/failure.ts";
import type { ExternalLaunch } from "../../../runtime/external/launch.ts";
import type { RuntimeFiles } from "../../../runtime/external/runtime.ts";
import type { RuntimeConfig } from "../../../spec/runtime/config.ts";
import type { Process } from "../../../spec/runtime/process.ts";
import { formatJson } from "../../../spec/schema/json.ts";
import type { EngineHost } from "../../host.ts";

/** What `first` of the launch has prepared goes on; `process` has its ids. */
export async function launchExternal(
  { facts }: Pick<EngineHost, "facts">,
  executor: Executor,
  launch: ExternalLaunch,
  { config, process }: { readonly config: RuntimeConfig; readonly process: Process },
): Promise<{ readonly client: ShimClient; readonly pid: number }> {
  const { bundle, files, runtime } = launch.external;
  const bundled = externalConfig(config, runtime, process, facts.grantable);
  writeFileSync(join(bundle, "config.json"), formatJson(bundled), { mode: 0o600 });
  return explained(files, process, async () => {
    await executor.run(launch.become(process));
    const pid = readPid(files);
    await executor.run(launch.supervise(pid));
    const { client } = await ShimClient.launched(executor.frames);
    return { client, pid };
  });
}

/** A failure of the runtime in its own words. */
export async function explained<T>(
  files: RuntimeFiles,
  process: Process,
  attempt: () => Promise<T>,
): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    const failed = error instanceof KernelFailure && error.instruction.why.startsWith("have the runtime ");
    throw (failed && runtimeFailure(readText(files.log), process.args![0]!)) || error;
  }
}

export function readPid({ pid }: RuntimeFiles): number {
  const number = Number(readText(pid));
  if (Number.isSafeInteger(number) && number > 1) return number;
  throw new BrigError(
    "internal",
    "cannot start the container: the runtime did not say which process it left",
  );
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
