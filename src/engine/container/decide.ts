/** What a container is to be, from what is wanted: everything that can be wrong with that is told here, before anything is made. */

import type { EngineHost } from "../host.ts";
import { type FoundImage, findImage } from "../image/find.ts";
import type { Snapshotter } from "../snapshot/snapshotter.ts";
import { currentSnapshotter } from "../snapshot/snapshotters.ts";
import { commandOf } from "./command.ts";
import { checkConflicts, ineffectiveOptions } from "./conflicts.ts";
import { resolveRuntime } from "./external/resolve.ts";
import { checkLimits } from "./limits.ts";
import { logSetting } from "./logging.ts";
import { resolveMount } from "./mount-origins.ts";
import { networkOf } from "./network-choice.ts";
import { findContainer } from "./records.ts";
import type { ContainerSpec } from "./spec.ts";
import { refuseUnsupported } from "./unsupported.ts";
import { checkUserNamespace } from "./user-namespace.ts";
import { type Lender, withVolumesOf } from "./volumes-from.ts";

export interface Decided {
  readonly spec: ContainerSpec;
  readonly found: FoundImage;
  readonly snapshots: Snapshotter;
}

export async function decide(host: EngineHost, wanted: ContainerSpec): Promise<Decided> {
  checkConflicts(wanted);
  const found = findImage(host, wanted.image);
  const spec = resolveSpec(host, wanted, found);
  const snapshots = await currentSnapshotter(host);
  snapshots.refuse(found.image);
  return { spec, found, snapshots };
}

/** Names of other containers become ids, so that a rename does not break them. */
export function resolveSpec(host: EngineHost, wanted: ContainerSpec, { image }: FoundImage): ContainerSpec {
  const spec = wanted.volumesFrom ? withVolumesOf(wanted, (name) => lenderOf(host, name)) : wanted;
  refuseUnsupported(spec);
  checkLimits(spec);
  logSetting(spec.logging);
  for (const warning of ineffectiveOptions(spec)) host.warn(warning);
  commandOf(spec, image.config);
  const id = (name: string) => findContainer(host.database, name).id;
  const choice = networkOf(spec);
  const { namespaces = {}, runtime: named, ...rest } = spec;
  const runtime = resolveRuntime(named, choice.kind);
  const resolved = Object.fromEntries(
    Object.entries(namespaces).map(([type, mode]) => [
      type,
      mode?.kind === "container" ? { ...mode, container: id(mode.container) } : mode,
    ]),
  );
  const result = {
    ...rest,
    ...(spec.mounts ? { mounts: spec.mounts.map((mount) => resolveMount(host, mount)) } : {}),
    ...(runtime === undefined ? {} : { runtime }),
    ...(Object.keys(namespaces).length > 0 ? { namespaces: resolved } : {}),
    ...(choice.kind === "container"
      ? { network: { ...spec.network, mode: `container:${id(choice.container)}` } }
      : {}),
  };
  checkUserNamespace(result, host.facts.kernel);
  return result;
}

function lenderOf(host: EngineHost, reference: string): Lender {
  const { id, spec, imageId } = findContainer(host.database, reference);
  try {
    return { id, spec, image: findImage(host, imageId).image.config };
  } catch {
    return { id, spec };
  }
}
