/** A container's row as the engine tells of it. */

import type { Digest } from "../../base/ids.ts";
import { present } from "../../base/present.ts";
import { readBlob } from "../../image/store/blobs.ts";
import type { BridgeConfig } from "../../network/bridge/config.ts";
import { type ImageConfig, parseImageConfig } from "../../spec/image/config.ts";
import type { EngineHost } from "../host.ts";
import { networkId } from "../network/network-id.ts";
import { storedConfig } from "../network/stored-network.ts";
import { paths } from "../roots.ts";
import { commandOf } from "./command.ts";
import { identityOf } from "./identity.ts";
import type { ContainerInfo, MemberNetwork, MountedVolume } from "./info.ts";
import type { ContainerRecord } from "./records.ts";
import type { ContainerSpec } from "./spec.ts";
import { anonymousVolume, imageVolumes } from "./volumes.ts";

/** Of many containers an image's config, and the network's, are read once. */
export function infosOf(host: EngineHost, records: readonly ContainerRecord[]): readonly ContainerInfo[] {
  const configs = new Map<string, ImageConfig | undefined>();
  const bridge = storedConfig(host.database);
  return records.map((record) => {
    const { imageId } = record;
    if (!configs.has(imageId)) configs.set(imageId, configOf(host, imageId));
    return infoOf(host, record, configs.get(imageId), bridge);
  });
}

export function infoOf(
  host: EngineHost,
  record: ContainerRecord,
  config = configOf(host, record.imageId),
  bridge = storedConfig(host.database),
): ContainerInfo {
  const { owner: _owner, restarter: _restarter, cgroup: _cgroup, imageId, spec, ...rest } = record;
  const { hostname, domainname, files } = identityOf(host, record);
  const network = networkOf(host, spec, bridge);
  return {
    ...rest,
    spec,
    image: spec.image,
    imageId,
    command: wordsOf(spec, config),
    volumes: volumesOf(host, record, config),
    hostname,
    ...(domainname === undefined ? {} : { domainname }),
    ...(network ? { network } : {}),
    networkFiles: files,
    logPath: paths.log(host.roots, record.id),
  };
}

function networkOf(
  host: EngineHost,
  { network: { mode: name = "bridge" } = {} }: ContainerSpec,
  bridge: BridgeConfig | undefined,
): MemberNetwork | undefined {
  if (name.startsWith("container:")) return undefined;
  const { ipv4, ipv6 } = (name === "bridge" && bridge) || {};
  return {
    name,
    id: networkId(host.roots, name),
    ...present({ gateway: ipv4?.gateway, gateway6: ipv6?.gateway }),
  };
}

/** Undefined when the image is gone by now. */
function configOf(host: EngineHost, imageId: string): ImageConfig | undefined {
  try {
    return parseImageConfig(readBlob(host.images, imageId as Digest).toString("utf8"), imageId as Digest);
  } catch {
    return undefined;
  }
}

/** Without the image what the user said is all there is. */
function wordsOf(spec: ContainerSpec, config: ImageConfig | undefined): readonly string[] {
  try {
    if (config) return commandOf(spec, config);
  } catch {
    // The image has no command either.
  }
  return [...(spec.entrypoint ?? []), ...(spec.command ?? [])];
}

function volumesOf(
  { roots }: EngineHost,
  { id, spec }: ContainerRecord,
  config: ImageConfig | undefined,
): readonly MountedVolume[] {
  const asked = (spec.mounts ?? []).filter((mount) => mount.kind === "volume");
  const declared = config ? imageVolumes(spec, config) : [];
  return [...asked, ...declared.map((target) => ({ target, name: undefined }))].map(({ target, name }) => {
    const known = name ?? anonymousVolume(id, target);
    return { name: known, target, path: paths.volume(roots, known) };
  });
}
