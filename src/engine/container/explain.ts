/**
 * `explain run`: what a run would do, without doing any of it: no lease, no name, no process of a container. Random
 * names are other ones than those of the run; everything else is as it will be.
 */

import { join } from "node:path";
import { BrigError } from "../../base/errors.ts";
import { type ContainerId, containerId } from "../../base/ids.ts";
import { legend, listing } from "../../kernel/explain/listing.ts";
import { joinSegments, type PrintedProcess, printProgram } from "../../kernel/explain/print.ts";
import { hostFiles } from "../../kernel/host.ts";
import { SlotAllocator } from "../../kernel/program/builder.ts";
import type { BridgeConfig } from "../../network/bridge/config.ts";
import { bridge } from "../../network/bridge/driver.ts";
import type { Endpoint } from "../../network/endpoint.ts";
import type { HostFiles } from "../../runtime/launch/mounts.ts";
import type { ImageConfig } from "../../spec/image/config.ts";
import type { EngineHost } from "../host.ts";
import { leaseIds, needsPool } from "../ids/lease.ts";
import { firstId, type IdRange, usualSize } from "../ids/range.ts";
import { findImage } from "../image/find.ts";
import { lease, portRequests } from "../network/attachment.ts";
import { storedConfig } from "../network/stored-network.ts";
import { hostNames, paths } from "../roots.ts";
import type { Streams } from "../session.ts";
import { networkFiles } from "../snapshot/mount-points.ts";
import { currentSnapshotter } from "../snapshot/snapshotters.ts";
import { withAccount } from "./account-files.ts";
import { checkConflicts } from "./conflicts.ts";
import { resolveSpec } from "./decide.ts";
import { imageAccounts } from "./image-accounts.ts";
import { networkOf } from "./network-choice.ts";
import { planContainer } from "./plan.ts";
import { type ContainerRecord, insertContainer } from "./records.ts";
import type { ContainerSpec } from "./spec.ts";

export interface Explanation {
  readonly text: string;
  readonly json: {
    readonly processes: readonly PrintedProcess[];
    readonly settle: readonly PrintedProcess[];
  };
}

/** The first fd that a launch program of a shim may use: stdio and the control socket are below. */
const firstSlot = 4;

export async function explainContainer(
  host: EngineHost,
  wanted: ContainerSpec,
  streams: Streams = { stdout: true, stderr: true },
): Promise<Explanation> {
  checkConflicts(wanted);
  const found = findImage(host, wanted.image);
  const { image } = found;
  const spec = resolveSpec(host, wanted, found);
  const snapshots = await currentSnapshotter(host);
  snapshots.refuse(image);
  if (!snapshots.isPrepared(host, image))
    throw new BrigError(
      "conflict",
      `cannot explain: the image ${spec.image} is not unpacked yet; run it once`,
    );
  const id = containerId(host.random);
  const network =
    networkOf(spec).kind === "bridge" ? (storedConfig(host.database) ?? sampleNetwork(host)) : undefined;
  const { endpoint, ids } = likelyLeases(host, { id, spec }, network, image.config);
  const plan = await planContainer(host, {
    id,
    spec,
    image,
    snapshots,
    slots: new SlotAllocator(firstSlot),
    streams,
    files: filesToBe(host, id),
    ...(ids ? { ids } : {}),
    ...(network && endpoint ? { bridge: { config: network, endpoint } } : {}),
  });
  const user = spec.user ?? image.config.config?.User ?? "";
  const process = withAccount(
    plan.config.process!,
    user,
    spec.groups ?? [],
    await imageAccounts(host, snapshots.folders(host, image)),
  );
  const launch = await plan.compile();
  const shim = [
    ...(plan.scope ? [plan.scope.seat.take] : []),
    ...(plan.prepare ? [plan.prepare] : []),
    launch.first,
  ];
  const processes = joinSegments(
    ...shim.map((program, i) => printProgram(program, "shim", i + 1)),
    printProgram(launch.become!(process), "container", shim.length + 1),
  );
  const settle = printProgram(plan.settle, "shim, when the container has ended");
  const text = `${legend}${idLegend}\n${listing([...processes, ...settle], (line) => withoutId(line, id))}`;
  return { text, json: { processes, settle } };
}

const idLegend = `  ID is the container's id, which is random; ID:12 and ID:16 are its first digits.
`;

/** A run would get another one. */
function withoutId(text: string, id: ContainerId): string {
  return text.replaceAll(id, "ID").replaceAll(id.slice(0, 16), "ID:16").replaceAll(id.slice(0, 12), "ID:12");
}

/** The container's own files and volumes do not exist before it does. */
function filesToBe({ roots }: EngineHost, id: ContainerId): HostFiles {
  const own = networkFiles.map((name) => join(paths.container(roots, id), name));
  const volumes = `${paths.volumes(roots)}/`;
  return {
    isDirectory: (path) =>
      own.includes(path) ? false : path.startsWith(volumes) ? true : hostFiles.isDirectory(path),
  };
}

interface Leases {
  readonly endpoint?: Endpoint;
  readonly ids?: IdRange;
}

/** The address, ports and host ids that a run would get now: leased in a transaction that is taken back. */
function likelyLeases(
  host: EngineHost,
  { id, spec }: Pick<ContainerRecord, "id" | "spec">,
  network: BridgeConfig | undefined,
  image: ImageConfig,
): Leases {
  let leases: Leases = {};
  const takenBack = new Error("taken back");
  try {
    host.database.transaction(() => {
      const nothing = { imageId: "", state: "created", created: 0, driver: "overlay2" } as const;
      insertContainer(host.database, { id, name: id, ...nothing, spec });
      const ids = likelyIds(host, id, spec);
      if (ids) leases = { ids };
      if (network) {
        const requests = portRequests(spec.network ?? {}, image);
        leases = { ...leases, endpoint: lease(host, id, network, spec.network ?? {}, requests) };
      }
      throw takenBack;
    });
  } catch (error) {
    if (error !== takenBack) throw error;
  }
  return leases;
}

/** Before the first container with a user namespace there are none to lease: some as they would probably be. */
function likelyIds({ database }: EngineHost, id: ContainerId, spec: ContainerSpec): IdRange | undefined {
  try {
    return leaseIds(database, id, spec);
  } catch (error) {
    if (!(error instanceof BrigError && error.code === needsPool)) throw error;
    const user = spec.namespaces?.user;
    return { first: firstId, size: (user?.kind === "private" ? user.size : undefined) ?? usualSize };
  }
}

/** Before the first container there is no network yet: one as it would probably be. */
function sampleNetwork({ roots }: EngineHost): BridgeConfig {
  return bridge.config({
    link: { name: hostNames.bridge(roots), index: 0x10000000 },
    table: hostNames.table(roots),
    subnet: "172.30.0.0/16",
  });
}
