/** Creating and starting containers: rows first, then the host, so that whatever dies in between is found again. */

import { BrigError } from "../../base/errors.ts";
import { type ContainerId, containerId } from "../../base/ids.ts";
import type { ShimClient } from "../../kernel/shim/client.ts";
import type { BridgeConfig } from "../../network/bridge/config.ts";
import { recordEvent } from "../events/record.ts";
import { type EngineHost, hostSession } from "../host.ts";
import { leaseIds } from "../ids/lease.ts";
import { withIds } from "../ids/with-ids.ts";
import { type FoundImage, findImage } from "../image/find.ts";
import { lease, portRequests } from "../network/attachment.ts";
import { isStill, readyNetwork } from "../network/stored-network.ts";
import type { Streams } from "../session.ts";
import { snapshotterOf } from "../snapshot/snapshotters.ts";
import { bootOf } from "../store/boot.ts";
import { type Decided, decide } from "./decide.ts";
import { awaitFiles, refuseWhileOpen } from "./files/lock.ts";
import type { ContainerState } from "./info.ts";
import { recordStart } from "./life-events.ts";
import { checkName, inventName } from "./names.ts";
import { networkOf } from "./network-choice.ts";
import {
  type ContainerRecord,
  findContainer,
  insertContainer,
  readContainer,
  updateContainer,
} from "./records.ts";
import type { ContainerSpec } from "./spec.ts";
import { type StartedShim, startContainer, startShim } from "./start.ts";
import { steady } from "./steady.ts";

/** A container that has been made. */
export interface Created {
  readonly id: ContainerId;
  readonly name: string;
}

/** Who stays with a container that is started. */
export interface RunOptions {
  readonly streams?: Streams;
  /** Told as soon as there is a container, also one that then cannot be started. */
  readonly created?: (created: Created) => void;
}

export interface Launched extends Created {
  readonly client: ShimClient;
  /** The process that is its shim. */
  readonly shim: string | undefined;
}

export async function createContainer(host: EngineHost, wanted: ContainerSpec): Promise<Created> {
  const decided = await decide(host, wanted);
  return withIds(host, () => insert(host, decided));
}

/** Create and start in one: the shim starts while the row is written. */
export async function runContainer(
  host: EngineHost,
  wanted: ContainerSpec,
  { streams = {}, created = () => {} }: RunOptions,
): Promise<Launched> {
  const decided = await decide(host, wanted);
  const { spec, found, snapshots } = decided;
  const network = networkOf(spec).kind === "bridge" ? await bridgeOf(host) : undefined;
  await snapshots.prepare(host, found.image);
  const shim = startShim(host);
  return launch(host, shim, { ...found, snapshots }, streams, network, (network) => {
    const made = insert(host, decided, { network, shim });
    created(made);
    return made.id;
  });
}

export async function startExisting(
  host: EngineHost,
  reference: string,
  streams: Streams,
): Promise<Launched> {
  const { id } = findContainer(host.database, reference);
  // Somebody else may start it just now, or put right what a killed one has left of that.
  const record = (await steady(host, id)) ?? findContainer(host.database, id);
  const found = findImage(host, record.imageId);
  const network = networkOf(record.spec).kind === "bridge" ? await bridgeOf(host) : undefined;
  const snapshots = await snapshotterOf(record.driver);
  await snapshots.prepare(host, found.image);
  await awaitFiles(host, record.id);
  const shim = startShim(host);
  return launch(host, shim, { ...found, snapshots }, streams, network, (network) => {
    host.database.transientTransaction(() => {
      const starting = {
        state: "starting",
        owner: host.owner.id,
        shim: shim.id ?? null,
        cgroup: null,
        error: null,
        restarter: null,
      } as const;
      if (!updateContainer(host.database, record.id, starting, ["created", "exited"]))
        throw cannotStart(reference, readContainer(host.database, record.id)?.state);
      refuseWhileOpen(host, record.id);
      attach(host, record, found, network);
    });
    return record.id;
  });
}

function cannotStart(reference: string, state: ContainerState | undefined): BrigError {
  if (state === "paused")
    return new BrigError("conflict", "cannot start a paused container, try unpause instead");
  return new BrigError("conflict", `cannot start container ${reference}: it is ${state ?? "gone"}`, {
    ...(state === "running" ? { code: "already-running" } : {}),
  });
}

/**
 * `claim` makes the row say that the container is starting, with all that will exist on the host. It does not wait for
 * the disk: what a power cut could undo of it would be gone from the host as well, and nobody was told of it yet.
 */
async function launch(
  host: EngineHost,
  shim: StartedShim,
  { image, snapshots }: Pick<Decided["found"], "image"> & Pick<Decided, "snapshots">,
  streams: Streams,
  ready: BridgeConfig | undefined,
  claim: Claim,
): Promise<Launched> {
  let record: ContainerRecord;
  let network: BridgeConfig | undefined;
  try {
    ({ record, network } = await claimed(host, ready, claim));
  } catch (error) {
    shim.executor.close();
    throw error;
  }
  const { id, name, spec, endpoint, ids } = record;
  try {
    const { client, pid, plan } = await startContainer(host, shim.executor, {
      id,
      spec,
      image,
      snapshots,
      streams,
      isFirst: record.started === undefined,
      ...(ids ? { ids } : {}),
      ...(network && endpoint ? { bridge: { config: network, endpoint } } : {}),
    });
    // Waits for the disk while the container runs: for this, and for the claim.
    host.database.transaction(() => {
      updateContainer(host.database, id, {
        state: "running",
        started: host.now(),
        pid,
        owner: null,
        cgroup: JSON.stringify(plan.cgroup),
      });
      recordStart(host, record, image.config, streams);
    });
    host.database.hold();
    return { id, name, client, shim: shim.id };
  } catch (error) {
    const { recordFailure } = await import("./failed-start.ts");
    await recordFailure(host, record, { error, image: image.config, streams });
    throw error;
  }
}

type Claim = (network: BridgeConfig | undefined) => ContainerId;

/** Again where somebody has taken the network off the host since it was ready. */
async function claimed(host: EngineHost, ready: BridgeConfig | undefined, claim: Claim) {
  for (let network = ready; ; ) {
    try {
      const id = await withIds(host, () => claim(network));
      return { record: readContainer(host.database, id)!, network };
    } catch (error) {
      if (!(error instanceof BrigError && error.code === networkGone)) throw error;
      network = await bridgeOf(host);
    }
  }
}

const networkGone = "network-gone";

function insert(
  host: EngineHost,
  { spec, found, snapshots }: Decided,
  start?: { readonly shim: StartedShim; readonly network: BridgeConfig | undefined },
): Created {
  const id = containerId(host.random);
  const state: ContainerState = start ? "starting" : "created";
  const work = () => {
    const name = spec.name === undefined ? freeName(host) : checkName(spec.name);
    const { driver } = snapshots;
    const record = { id, name, imageId: found.image.id, state, created: host.now(), driver, spec };
    const owner = start ? { owner: host.owner.id } : {};
    insertContainer(host.database, {
      ...record,
      ...owner,
      ...(start?.shim.id ? { shim: start.shim.id } : {}),
    });
    leaseIds(host.database, id, spec);
    if (start) attach(host, { id, spec }, found, start.network);
    recordEvent(host, "create", record);
    return { id, name };
  };
  return start ? host.database.transientTransaction(work) : host.database.transaction(work);
}

/** Inside a transaction: an address and ports, kept in the row before anything of them exists. */
function attach(
  host: EngineHost,
  { id, spec }: Pick<ContainerRecord, "id" | "spec">,
  { image }: FoundImage,
  network: BridgeConfig | undefined,
): void {
  if (!network) return;
  if (!isStill(host.database, network))
    throw new BrigError("conflict", "cannot join the network: it has just been removed", {
      code: networkGone,
    });
  const endpoint = lease(
    host,
    id,
    network,
    spec.network ?? {},
    portRequests(spec.network ?? {}, image.config),
  );
  updateContainer(host.database, id, { endpoint: JSON.stringify(endpoint) });
}

async function bridgeOf(host: EngineHost): Promise<BridgeConfig> {
  const boot = bootOf();
  const ready = readyNetwork({ database: host.database, boot });
  if (ready) return ready;
  const { makeNetwork } = await import("../network/default-network.ts");
  return makeNetwork({ ...host, boot, session: () => hostSession(host) });
}

function freeName(host: EngineHost): string {
  for (let attempt = 0; ; attempt++) {
    const name = inventName(host.random, attempt);
    if (!host.database.get("SELECT 1 FROM container WHERE name = ?", name)) return name;
  }
}
