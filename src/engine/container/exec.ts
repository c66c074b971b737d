/** One more command in a running container, executed in its shim, which holds the container's pidfd. */

import { join } from "node:path";
import { BrigError } from "../../base/errors.ts";
import { containerId } from "../../base/ids.ts";
import { capabilityNames } from "../../kernel/capabilities.ts";
import { compileJoin } from "../../kernel/cgroup/launch/join.ts";
import { habitable } from "../../kernel/cgroup/live/divided.ts";
import { ProgramBuilder } from "../../kernel/program/builder.ts";
import { compiledSeccomp } from "../../kernel/seccomp/cache.ts";
import { ShimClient } from "../../kernel/shim/client.ts";
import { lendExecutor } from "../../kernel/shim/lend.ts";
import { socketName } from "../../kernel/shim/wire.ts";
import { everyCapability } from "../../runtime/launch/become.ts";
import { commandFailure } from "../../runtime/launch/command.ts";
import { compileExec } from "../../runtime/launch/exec.ts";
import { namespaceFlags } from "../../runtime/launch/namespaces.ts";
import type { RuntimeConfig } from "../../spec/runtime/config.ts";
import type { Process } from "../../spec/runtime/process.ts";
import { recordEvent, tellOf } from "../events/record.ts";
import type { EngineHost } from "../host.ts";
import { findImage } from "../image/find.ts";
import { paths } from "../roots.ts";
import type { Session, Streams } from "../session.ts";
import { compileAhead, withAccount } from "./account-files.ts";
import type { ExecSpec } from "./info.ts";
import { configOf } from "./plan.ts";
import type { ContainerRecord } from "./records.ts";
import { shimParts } from "./shim-parts.ts";
import { shimSession } from "./shim-session.ts";
import { checkUser } from "./user-namespace.ts";

/** `execution` is its id where it was made before, and told of. */
export async function execInContainer(
  host: EngineHost,
  record: ContainerRecord,
  exec: ExecSpec,
  streams: Streams,
  execution?: string,
): Promise<Session> {
  if (record.state !== "running")
    throw new BrigError("conflict", `container ${record.id} is not running`, { code: "not-running" });
  const execID = execution ?? containerId(host.random);
  const told = { exec, execID, isNew: execution === undefined };
  const { image } = findImage(host, record.imageId);
  // The container is in the namespaces that it joined, whatever has become of those it had them from.
  const config = configOf(host, { ...record, image }, () => record.pid ?? 0);
  const wanted = processOf(config, exec);
  const terminal = exec.terminal ?? false;
  const user = exec.user ?? record.spec.user ?? image.config.config?.User ?? "";
  const openStdin = exec.openStdin ?? false;
  if (record.spec.runtime !== undefined) {
    const request = { image, process: wanted, user, openStdin, streams };
    const { execExternal } = await import("./external/exec.ts");
    return sessionOf(host, record, told, await execExternal(host, record, request));
  }
  const profile = exec.privileged ? undefined : config.linux?.seccomp;
  const seccomp = profile && (await compiledSeccomp(paths.filters(host.roots), profile));
  const { executor, process: pidfd } = await lendExecutor(join(paths.run(host.roots, record.id), socketName));
  const { slots } = executor;
  const request = {
    terminal,
    openStdin,
    stdinOnce: true,
    attach: streams,
    ports: [],
  };
  const { before, stdio, after, describe } = shimParts(request, slots);
  const { oomScoreAdj } = wanted;
  const lookUp = {
    kind: "look-up",
    terminal,
    ...(oomScoreAdj === undefined ? {} : { oomScoreAdj }),
  } as const;
  const program = compileExec(lookUp, pidfd, {
    slots,
    container: { pidfd },
    namespaces: joined(config),
    ...(record.cgroup
      ? { cgroup: compileJoin(habitable(record.cgroup, record.pid), slots, host.facts.kernel) }
      : {}),
    ...(seccomp ? { seccomp } : {}),
    grantable: record.ids ? everyCapability : host.facts.grantable,
    mode: { kind: "supervise", describe },
    before,
    stdio,
    after,
  });
  try {
    const launching = executor.run(program.program);
    const become = compileAhead(wanted, user, (process) => {
      const rest = new ProgramBuilder();
      program.finish(rest, process);
      return executor.layOut(rest.instructions);
    });
    const { answers } = await launching;
    const process = withAccount(wanted, user, record.spec.groups ?? [], answers);
    checkUser(process, record.ids);
    await executor.run(become(process));
    const { client, state } = await ShimClient.launched(executor.frames);
    return sessionOf(host, record, told, client, state.pid);
  } catch (error) {
    executor.close();
    tellBegin(host, record, told);
    if (!(error instanceof BrigError && error.code === "executor-ended")) throw commandFailure(error, wanted);
    // Mostly with its shim, and the container: then that is what is told.
    (await ShimClient.connect(join(paths.run(host.roots, record.id), socketName))).close();
    throw new BrigError(
      "unavailable",
      `cannot execute a command in container ${record.id}: the process that was to become it was killed; try again`,
      { cause: error },
    );
  }
}

interface Told {
  readonly exec: ExecSpec;
  readonly execID: string;
  /** That it was made has not been told before. */
  readonly isNew: boolean;
}

/** Also of one whose command cannot be executed. */
function tellBegin(host: EngineHost, record: ContainerRecord, { exec, execID, isNew }: Told): void {
  const command = commandText(exec);
  host.database.transientTransaction(() => {
    if (isNew) recordEvent(host, `exec_create: ${command}`, record, { execID });
    recordEvent(host, `exec_start: ${command}`, record, { execID });
  });
}

function sessionOf(
  host: EngineHost,
  record: ContainerRecord,
  told: Told,
  client: ShimClient,
  pid?: number,
): Session {
  const { execID } = told;
  tellBegin(host, record, told);
  host.database.hold();
  return shimSession(client, {
    ...(pid === undefined ? {} : { pid }),
    ended: async (exit) => {
      tellOf(host, "exec_die", record, { execID, exitCode: String(exit.code) });
      await client.settled();
      return { code: exit.code, oom: exit.outOfMemory };
    },
  });
}

/** As events have it. */
export function commandText({ command: [path = "", ...args] }: ExecSpec): string {
  return `${path} ${args.join(" ")}`;
}

function processOf(config: RuntimeConfig, exec: ExecSpec): Process {
  const base = config.process!;
  const all = [...capabilityNames];
  const inherited = (base.env ?? []).filter((entry) => !entry.startsWith("TERM="));
  return {
    ...base,
    terminal: exec.terminal ?? false,
    ...(exec.consoleSize ? { consoleSize: exec.consoleSize } : {}),
    args: [...exec.command],
    cwd: exec.workingDirectory ?? base.cwd,
    env: [...inherited, ...(exec.terminal ? ["TERM=xterm"] : []), ...(exec.env ?? [])],
    ...(exec.privileged
      ? { capabilities: { bounding: all, effective: all, permitted: all, inheritable: [], ambient: [] } }
      : {}),
  };
}

/** The namespaces that the container does not share with the host. */
function joined(config: RuntimeConfig): bigint {
  return (config.linux?.namespaces ?? []).reduce((flags, { type }) => flags | namespaceFlags[type], 0n);
}
