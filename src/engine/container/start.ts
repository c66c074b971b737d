/**
 * Starting a container: its files, then the launch program, in a shim that outlives this process.
 *
 * What fails leaves nothing: the shim that could not launch runs the settle program before it goes.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { BrigError, messageOf } from "../../base/errors.ts";
import { ownerId } from "../../image/store/owner.ts";
import { type Answer, Executor } from "../../kernel/executor/executor.ts";
import { ShimClient } from "../../kernel/shim/client.ts";
import { addressOf } from "../../network/endpoint.ts";
import { hostnameFile } from "../../network/files/hostname.ts";
import { hostsFile } from "../../network/files/hosts.ts";
import { resolverFile, resolverPath } from "../../network/files/resolv.ts";
import { commandFailure } from "../../runtime/launch/command.ts";
import type { EngineHost } from "../host.ts";
import { writePublic } from "../public-files.ts";
import { paths } from "../roots.ts";
import { compileAhead, withAccount } from "./account-files.ts";
import { killShim } from "./alive.ts";
import { identityOf } from "./identity.ts";
import { networkOf } from "./network-choice.ts";
import { type Plan, type PlanRequest, planContainer } from "./plan.ts";
import { makeRunDirectory, removeRunDirectory } from "./remove.ts";
import { makeSources, type SourcesRequest } from "./sources.ts";
import { checkUser, mappingFailure } from "./user-namespace.ts";

export interface Started {
  readonly client: ShimClient;
  readonly pid: number;
  readonly plan: Plan;
}

export interface StartedShim {
  readonly executor: Executor;
  /** As an owner's; undefined when it has ended at once. */
  readonly id: string | undefined;
}

/** Starts the shim while the caller still decides what it shall do: the two take place at once. */
export function startShim(host: EngineHost): StartedShim {
  const executor = Executor.start({ shim: host.shim, detached: true });
  const pid = executor.process?.pid;
  return { executor, id: pid === undefined ? undefined : ownerId(pid) };
}

export async function startContainer(
  host: EngineHost,
  executor: Executor,
  request: Omit<PlanRequest, "slots"> & SourcesRequest,
): Promise<Started> {
  const { id, spec, image } = request;
  let plan: Plan | undefined;
  // It is the container's first process that listens then, not the shim.
  let paused = false;
  try {
    await request.snapshots.make(host, id, image, { brief: spec.autoRemove === true });
    await makeSources(host, request);
    makeFiles(host, request);
    plan = await planContainer(host, { ...request, slots: executor.slots });
    for (const warning of plan.warnings) host.warn(warning);
    if (plan.scope) {
      const { startScope } = await import("../../kernel/systemd/scope.ts");
      await startScope(executor, plan.scope);
    }
    const { launch, settle, first } = await prepareAndCompile(executor, plan);
    await executor.store(settle);
    const user = spec.user ?? image.config.config?.User ?? "";
    const launching = executor.run(first);
    const become = compileAhead(plan.config.process!, user, (process) =>
      executor.layOut(launch.become!(process)),
    );
    const looked = await launching;
    paused = looked.paused;
    const { answers } = looked;
    const process = withAccount(plan.config.process!, user, spec.groups ?? [], answers);
    checkUser(process, request.ids);
    if ("external" in launch) {
      const { launchExternal } = await import("./external/launch.ts");
      return {
        ...(await launchExternal(host, executor, launch, { config: plan.config, process })),
        plan,
      };
    }
    const rest = become(process);
    paused = false;
    const outcome = await executor.run(rest);
    reportLimits(host, outcome.answers);
    const { client, state } = await ShimClient.launched(executor.frames);
    return { client, pid: state.pid, plan };
  } catch (error) {
    await undo(host, executor, request, paused ? "paused" : plan);
    if (endedEarly(error)) throw shimKilled(error);
    throw plan ? commandFailure(mappingFailure(error), plan.config.process!) : error;
  }
}

/** Both take place at once: what is made on the host keeps the kernel busy for a millisecond or two. */
async function prepareAndCompile(executor: Executor, { prepare, compile, settle }: Plan) {
  const preparing = prepare && executor.run(prepare);
  // It is told when it is waited for.
  preparing?.catch(() => {});
  try {
    const launch = await compile();
    return {
      launch,
      settle: executor.layOut(settle, { stored: true }),
      first: executor.layOut(launch.first),
    };
  } finally {
    await preparing;
  }
}

/** The shim is the executor until the container runs. */
function endedEarly(error: unknown): boolean {
  return error instanceof BrigError && (error.code === "executor-ended" || error.code === "no-shim");
}

function shimKilled(cause: unknown): BrigError {
  return new BrigError(
    "unavailable",
    "cannot start the container: its shim was killed before the container ran; nothing of that is left, start it again",
    { code: "shim-killed", cause },
  );
}

/** By the shim itself; one that was killed leaves it to us. */
async function undo(
  host: EngineHost,
  executor: Executor,
  { id, spec, bridge }: Omit<PlanRequest, "slots">,
  plan: Plan | "paused" | undefined,
): Promise<void> {
  const done = plan === undefined || (plan !== "paused" && (await succeeds(executor.run(plan.settle))));
  executor.close();
  if (done) return removeRunDirectory(host, id);
  const pid = executor.process?.pid;
  const shim = pid === undefined ? undefined : ownerId(pid);
  const { cleanHost } = await import("./clean-host.ts");
  if (shim !== undefined) await killShim(host, { shim });
  await cleanHost(host, { id, spec, ...(bridge ? { endpoint: bridge.endpoint } : {}) }).catch((error) =>
    host.warn(`cannot clean up after ${id}: ${messageOf(error)}`),
  );
  removeRunDirectory(host, id);
}

function succeeds(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}

function reportLimits(host: EngineHost, answers: readonly Answer[]): void {
  for (const { instruction: i, result } of answers)
    if (i.kind === "call" && i.name === "prlimit64" && result < 0)
      host.warn(
        `cannot ${i.why}: this host does not allow raising it (CAP_SYS_RESOURCE is missing); going on without`,
      );
}

/** Run directory, and the container's own /etc/hosts, /etc/hostname and /etc/resolv.conf. */
function makeFiles(host: EngineHost, { id, spec, bridge }: Omit<PlanRequest, "slots">): void {
  makeRunDirectory(host, id);
  const directory = paths.container(host.roots, id);
  const write = (name: string, text: string) => writePublic(join(directory, name), text);
  if (networkOf(spec).kind === "container") return; // It has those of the one it joins.
  const { hostname } = identityOf(host, { id, spec });
  const { network = {} } = spec;
  const address = bridge ? [addressOf(bridge.endpoint)] : [];
  const sharesHost = networkOf(spec).kind === "host";
  write("hostname", hostnameFile(hostname));
  write(
    "hosts",
    sharesHost && !network.extraHosts?.length
      ? readText("/etc/hosts")
      : hostsFile({
          addresses: address,
          hostname,
          ...(spec.domainname === undefined ? {} : { domain: spec.domainname }),
          ipv6: true,
          extra: (network.extraHosts ?? []).map((entry) => extraHost(entry, bridge?.config.ipv4.gateway)),
        }),
  );
  const resolv = hostResolver();
  write(
    "resolv.conf",
    sharesHost && !network.dns?.length
      ? resolv
      : resolverFile({
          host: resolv,
          ipv6: false,
          ...(network.dns ? { servers: network.dns } : {}),
          ...(network.dnsSearch ? { search: network.dnsSearch } : {}),
          ...(network.dnsOptions ? { options: network.dnsOptions } : {}),
        }),
  );
}

function hostResolver(): string {
  const usual = "/etc/resolv.conf";
  const text = readText(usual);
  const path = resolverPath(text);
  return path === usual ? text : readText(path);
}

function extraHost(entry: string, gateway = "127.0.0.1") {
  const at = entry.indexOf(":");
  const address = entry.slice(at + 1);
  return { name: entry.slice(0, at), address: address === "host-gateway" ? gateway : address };
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
