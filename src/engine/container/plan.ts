/**
 * Everything that a start decides before it touches the host: the OCI config, the launch program, the settle
 * program. `explain` stops here; `start` goes on.
 */

import { statSync } from "node:fs";
import { BrigError } from "../../base/errors.ts";
import type { ContainerId } from "../../base/ids.ts";
import type { ResolvedImage } from "../../image/store/resolve.ts";
import * as F from "../../kernel/abi/files.ts";
import { type CapabilityName, capabilityMask } from "../../kernel/capabilities.ts";
import { hostFiles } from "../../kernel/host.ts";
import { readLimits } from "../../kernel/procfs/limits.ts";
import { readsBridgedFrames } from "../../kernel/procfs/network.ts";
import { isInCgroup } from "../../kernel/procfs/process.ts";
import type { Slot } from "../../kernel/program/argument.ts";
import { ProgramBuilder, type SlotAllocator } from "../../kernel/program/builder.ts";
import type { Instruction } from "../../kernel/program/instruction.ts";
import { compiledSeccomp } from "../../kernel/seccomp/cache.ts";
import type { Streams } from "../../kernel/shim/wire.ts";
import type { BridgeConfig } from "../../network/bridge/config.ts";
import { bridge } from "../../network/bridge/driver.ts";
import type { Endpoint } from "../../network/endpoint.ts";
import type { ExternalLaunch } from "../../runtime/external/launch.ts";
import { beginLaunch, type LaunchProgram } from "../../runtime/launch/launch.ts";
import type { HostFiles } from "../../runtime/launch/mounts.ts";
import type { LaunchOptions, NetworkPlan } from "../../runtime/launch/options.ts";
import type { RuntimeConfig } from "../../spec/runtime/config.ts";
import type { EngineHost } from "../host.ts";
import type { IdRange } from "../ids/range.ts";
import { stepInstructions } from "../network/steps.ts";
import { hostNames, paths } from "../roots.ts";
import type { Snapshotter } from "../snapshot/snapshotter.ts";
import { cgroupsPathOf, type PlannedCgroup, planCgroup } from "./cgroup.ts";
import { identityOf } from "./identity.ts";
import { logSetting } from "./logging.ts";
import { mountOrigins } from "./mount-origins.ts";
import { hasOptions } from "./mounted-volumes.ts";
import { networkOf } from "./network-choice.ts";
import { type ContainerRecord, readContainer } from "./records.ts";
import { runtimeConfigOf } from "./runtime-config.ts";
import { shimParts } from "./shim-parts.ts";
import type { ContainerSpec } from "./spec.ts";
import { anonymousVolume } from "./volumes.ts";

export interface PlanRequest {
  readonly id: ContainerId;
  readonly spec: ContainerSpec;
  readonly image: ResolvedImage;
  readonly snapshots: Snapshotter;
  readonly slots: SlotAllocator;
  readonly streams: Streams;
  readonly bridge?: { readonly config: BridgeConfig; readonly endpoint: Endpoint };
  /** Ids of the host that are its own, where it has a user namespace. */
  readonly ids?: IdRange;
  /** The host's files as they will be, where they are not there yet. */
  readonly files?: HostFiles;
}

export interface Plan {
  readonly config: RuntimeConfig;
  /** Where systemd makes the cgroup: to be started before anything is run. */
  readonly scope?: PlannedCgroup["scope"];
  /** To be run first, while `compile` works; nothing of another runtime's container can be. */
  readonly prepare?: readonly Instruction[];
  readonly compile: () => Promise<LaunchProgram | ExternalLaunch>;
  readonly settle: readonly Instruction[];
  readonly cgroup: ContainerRecord["cgroup"];
  readonly warnings: readonly string[];
}

export async function planContainer(host: EngineHost, request: PlanRequest): Promise<Plan> {
  const { id, spec, image, slots } = request;
  const { roots, facts } = host;
  const config = configOf(host, request);
  const external = spec.runtime === undefined ? undefined : await import("./external/plan.ts");
  const { cgroup, scope, program, leave } = (external?.planExternalCgroup ?? planCgroup)(config, slots, {
    kernel: facts.kernel,
    shims: hostNames.shims(roots),
  });
  const log = logSetting(spec.logging);
  const parts = shimParts(
    {
      runDirectory: paths.run(roots, id),
      ...(log ? { log: { path: paths.log(roots, id), ...log } } : {}),
      terminal: spec.terminal ?? false,
      openStdin: spec.openStdin ?? false,
      stdinOnce: spec.stdinOnce ?? false,
      attach: request.streams,
      ports: request.bridge?.endpoint.ports ?? [],
      ...(program.memoryEvents ? { memoryEvents: program.memoryEvents } : {}),
      settle: settleCommand(host, id),
    },
    slots,
  );
  const options = {
    bundle: paths.container(roots, id),
    root: request.snapshots.root(host, id, image),
    origins: mountOrigins(host, id, spec, request.snapshots),
    mapped: request.ids !== undefined,
    slots,
    kernel: facts.kernel,
    host: request.files ?? hostFiles,
    mode: { kind: "supervise" as const, describe: parts.describe },
    grantable: facts.grantable,
    keyring: id,
    before: [...leave, ...parts.before],
    stdio: parts.stdio,
    after: parts.after,
    lookUp: true,
    ...(request.ids && spec.ulimits ? { limits: readLimits() } : {}),
    makeWorkingDirectory: true,
    ...(spec.init ? { init: { size: statSync(host.shim).size } } : {}),
    state: () => "",
    cgroup: program,
  } satisfies LaunchOptions;
  const begun = external ? undefined : beginLaunch(config, options);
  const seccomp = config.linux?.seccomp;
  const rest = async () => ({
    ...(seccomp ? { seccomp: await compiledSeccomp(paths.filters(roots), seccomp) } : {}),
    ...(request.bridge ? { network: networkPlan(request.bridge, slots) } : {}),
  });
  const endpoint = request.bridge
    ? stepInstructions(
        bridge.teardown.endpoint(request.bridge.config, request.bridge.endpoint),
        "host",
        slots,
      )
    : [];
  return {
    config,
    ...(scope ? { scope } : {}),
    ...(begun ? { prepare: begun.prepare } : {}),
    compile: async () =>
      begun
        ? begun.compile(await rest())
        : external!.planExternalLaunch(roots, { id, spec, config }, { ...options, ...(await rest()) }),
    settle: [...endpoint, ...program.remove],
    cgroup,
    warnings: [
      ...program.findings.map(({ message }) => message),
      ...(request.ids ? [] : withheld(config, facts.grantable)),
    ],
  };
}

/** Capabilities that this host does not have to give. */
function withheld(config: RuntimeConfig, grantable: bigint): readonly string[] {
  const asked = (config.process?.capabilities?.bounding ?? []) as readonly CapabilityName[];
  const missing = asked.filter((name) => (capabilityMask([name]) & grantable) === 0n);
  if (missing.length === 0) return [];
  return [`cannot grant ${missing.join(", ")}: this host does not allow it; going on without`];
}

/** The OCI config of a container; the same for its first process and for an `exec`, which joins nobody else. */
export function configOf(
  host: EngineHost,
  { id, spec, image, ids }: Pick<PlanRequest, "id" | "spec" | "image" | "ids">,
  pidOf: (container: string, type: keyof typeof cannotJoin) => number = (container, type) =>
    joinedPid(host, container, type),
): RuntimeConfig {
  const { roots, facts } = host;
  const choice = networkOf(spec);
  return runtimeConfigOf(spec, {
    id,
    image: image.config,
    identity: identityOf(host, { id, spec }),
    volume: (name, target) => paths.volume(roots, name ?? anonymousVolume(id, target)),
    kernel: facts.kernel,
    cgroupPath: cgroupsPathOf(hostNames.cgroup(roots), id, spec),
    network:
      choice.kind === "container"
        ? { path: `/proc/${pidOf(choice.container, "network")}/ns/net` }
        : choice.kind === "host"
          ? "host"
          : "new",
    namespaceOf: (container, type) => `/proc/${pidOf(container, type)}/ns/${type}`,
    ...(ids ? { ids } : {}),
    hasOptions: (name, said) => hasOptions(host, name, said),
  });
}

function networkPlan(
  { config, endpoint }: NonNullable<PlanRequest["bridge"]>,
  slots: SlotAllocator,
): NetworkPlan {
  const namespace: Slot = slots.slot("network namespace of the container");
  const steps = bridge.setup.endpoint(config, endpoint, {
    namespaceFd: namespace.fd,
    bridgeNetfilter: readsBridgedFrames(),
  });
  return {
    host: (proc) => {
      const p = new ProgramBuilder();
      p.call(
        "open the container's network namespace",
        "openat",
        [proc, "ns/net", F.O_RDONLY | F.O_CLOEXEC, 0],
        { slot: namespace },
      );
      p.append(stepInstructions(steps, "host", slots));
      p.close(namespace);
      return p.instructions;
    },
    container: (socket) => stepInstructions(steps, "container", slots, { route: socket }),
  };
}

/** The pid of another container, whose namespaces this one shares. */
function joinedPid(host: EngineHost, id: string, type: keyof typeof cannotJoin): number {
  const record = readContainer(host.database, id);
  // A pid is given to another process once the shim has buried it.
  if (record?.state === "running" && record.pid !== undefined && isInCgroup(record.pid, record.id))
    return record.pid;
  throw new BrigError("conflict", cannotJoin[type](id), { code: "not-running" });
}

/** Docker's words. */
const cannotJoin = {
  network: (id: string) => `cannot join network of a non running container: ${id}`,
  pid: (id: string) => `container ${id} is not running`,
  user: (id: string) => `cannot join the user namespace of a non running container: ${id}`,
  ipc: (id: string) => `can't join IPC of container ${id}: container ${id} is not running`,
} as const;

function settleCommand(host: EngineHost, id: ContainerId) {
  const { roots, self } = host;
  const args = [...self, "--root", roots.root, "--run-root", roots.runRoot, "settle", id];
  return { path: self[0]!, args, env: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"] };
}
