/** `exec` in the container of another runtime, by that runtime, under an executor of the container's shim. */

import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { HostPath } from "../../../base/ids.ts";
import type { ResolvedImage } from "../../../image/store/resolve.ts";
import * as F from "../../../kernel/abi/files.ts";
import { CLONE_NEWNS } from "../../../kernel/abi/process.ts";
import type { Answer } from "../../../kernel/executor/executor.ts";
import { ProgramBuilder } from "../../../kernel/program/builder.ts";
import { ShimClient } from "../../../kernel/shim/client.ts";
import { lendExecutor } from "../../../kernel/shim/lend.ts";
import { type Streams, socketName } from "../../../kernel/shim/wire.ts";
import { externalProcess } from "../../../runtime/external/config.ts";
import { compileExternalExec } from "../../../runtime/external/exec.ts";
import { readAccounts } from "../../../runtime/launch/accounts.ts";
import type { Process } from "../../../spec/runtime/process.ts";
import { formatJson } from "../../../spec/schema/json.ts";
import type { EngineHost } from "../../host.ts";
import { paths } from "../../roots.ts";
import { snapshotterOf } from "../../snapshot/snapshotters.ts";
import { withAccount } from "../account-files.ts";
import { imageAccounts } from "../image-accounts.ts";
import type { ContainerRecord } from "../records.ts";
import { shimParts } from "../shim-parts.ts";
import { explained, readPid } from "./launch.ts";
import { externalOptions } from "./plan.ts";

export interface ExternalExecRequest {
  readonly image: ResolvedImage;
  /** Its ids are looked up. */
  readonly process: Process;
  readonly user: string;
  readonly openStdin: boolean;
  readonly streams: Streams;
}

export async function execExternal(
  host: EngineHost,
  { id, spec, driver }: Pick<ContainerRecord, "id" | "spec" | "driver">,
  { image, process: wanted, user, openStdin, streams }: ExternalExecRequest,
): Promise<ShimClient> {
  const directory = paths.run(host.roots, id);
  const socket = join(directory, socketName);
  const prefix = `x-${Buffer.from(host.random(4)).toString("hex")}`;
  const external = externalOptions(host.roots, id, spec, prefix);
  const { files, runtime } = external;
  const accounts = runtime.ownKernel
    ? await imageAccounts(host, (await snapshotterOf(driver)).folders(host, image))
    : await containerAccounts(socket);
  const process = externalProcess(
    withAccount(wanted, user, spec.groups ?? [], accounts),
    host.facts.grantable,
  );
  const processFile = join(directory, `${prefix}.json`) as HostPath;
  const { executor, process: container } = await lendExecutor(socket);
  const { slots } = executor;
  const terminal = process.terminal ?? false;
  const parts = shimParts({ terminal, openStdin, stdinOnce: true, attach: streams, ports: [] }, slots);
  const program = compileExternalExec(process, {
    ...parts,
    slots,
    external,
    container,
    processFile,
    mode: { kind: "supervise", describe: parts.describe },
  });
  try {
    writeFileSync(processFile, formatJson(process), { mode: 0o600 });
    return await explained(files, process, async () => {
      await executor.run(program.first);
      await executor.run(program.supervise(readPid(files)));
      return (await ShimClient.launched(executor.frames)).client;
    });
  } catch (error) {
    executor.close();
    throw error;
  } finally {
    for (const file of [processFile, files.log, files.pid, files.console]) rmSync(file, { force: true });
  }
}

/** As the container has them now. */
async function containerAccounts(socket: string): Promise<readonly Answer[]> {
  const { executor, process } = await lendExecutor(socket);
  const [root, file] = [executor.slots.slot("root"), executor.slots.slot("file")];
  const p = new ProgramBuilder();
  p.call("join the container's mount namespace", "setns", [process, CLONE_NEWNS]);
  p.call(
    "open the container's root",
    "openat",
    [F.AT_FDCWD, "/", F.O_PATH | F.O_DIRECTORY | F.O_CLOEXEC, 0],
    { slot: root },
  );
  readAccounts(p, root, file);
  try {
    return (await executor.run(p.instructions)).answers;
  } finally {
    executor.close();
  }
}
