/**
 * What a container is called and which files say so: its own, or, when it joins the network of another one, those of
 * the container whose network it is. The UTS namespace stays its own, as with Docker: name and domain are copied.
 */

import { join } from "node:path";
import type { HostPath } from "../../base/ids.ts";
import { hostname } from "../../kernel/host.ts";
import { defaultHostname } from "../../network/files/hostname.ts";
import type { EngineHost } from "../host.ts";
import { paths } from "../roots.ts";
import { type NetworkFile, networkFiles } from "../snapshot/mount-points.ts";
import { networkOf } from "./network-choice.ts";
import { type ContainerRecord, readContainer } from "./records.ts";
import type { ContainerSpec } from "./spec.ts";

export interface Identity {
  readonly hostname: string;
  readonly domainname?: string;
  readonly files: Readonly<Record<NetworkFile, HostPath>>;
  /** Those of them that brig has not made: the user of the container whose network it is has mounted them. */
  readonly borrowed: readonly NetworkFile[];
}

type Identified = Pick<ContainerRecord, "id" | "spec">;

export function identityOf(host: Pick<EngineHost, "database" | "roots">, container: Identified): Identity {
  const { id, spec } = ownerOf(host, container);
  const directory = paths.container(host.roots, id);
  const file = (name: NetworkFile) => mounted(spec, name) ?? (join(directory, name) as HostPath);
  return {
    hostname: spec.hostname ?? defaultName({ id, spec }),
    ...(spec.domainname === undefined ? {} : { domainname: spec.domainname }),
    files: { hosts: file("hosts"), hostname: file("hostname"), "resolv.conf": file("resolv.conf") },
    borrowed: networkFiles.filter((name) => mounted(spec, name) !== undefined),
  };
}

/** With the host's network Docker takes the host's name, too. */
function defaultName({ id, spec }: Identified): string {
  return networkOf(spec).kind === "host" ? hostname() : defaultHostname(id);
}

/** Itself, unless it joins another one, which may have joined a third. Nobody can start with what has been removed. */
function ownerOf(host: Pick<EngineHost, "database">, container: Identified): Identified {
  for (let owner = container; ; ) {
    const choice = networkOf(owner.spec);
    if (choice.kind !== "container") return owner;
    const joined = readContainer(host.database, choice.container);
    if (!joined) return container;
    owner = joined;
  }
}

/** What the owner's user mounted there is shared, too. */
function mounted({ mounts = [] }: ContainerSpec, name: NetworkFile): HostPath | undefined {
  const mount = mounts.find(({ target }) => target === `/etc/${name}`);
  return mount?.kind === "bind" ? (mount.source as HostPath) : undefined;
}
