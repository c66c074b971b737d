/** A container's row as the engine tells of it. */

import type { Digest } from "../../base/ids.ts";
import { readBlob } from "../../image/store/blobs.ts";
import { parseImageConfig } from "../../spec/image/config.ts";
import type { EngineHost } from "../host.ts";
import { paths } from "../roots.ts";
import { commandOf } from "./command.ts";
import { identityOf } from "./identity.ts";
import type { ContainerInfo } from "./info.ts";
import type { ContainerRecord } from "./records.ts";

export function infoOf(host: EngineHost, record: ContainerRecord): ContainerInfo {
  const { owner: _owner, cgroup: _cgroup, imageId, spec, ...rest } = record;
  const { hostname, domainname, files } = identityOf(host, record);
  return {
    ...rest,
    spec,
    image: spec.image,
    imageId,
    command: commandOfRecord(host, record),
    hostname,
    ...(domainname === undefined ? {} : { domainname }),
    networkFiles: files,
    logPath: paths.log(host.roots, record.id),
  };
}

/** The image may be gone by now; then what the user said is all there is. */
function commandOfRecord(host: EngineHost, { spec, imageId }: ContainerRecord): readonly string[] {
  try {
    const digest = imageId as Digest;
    return commandOf(spec, parseImageConfig(readBlob(host.images, digest).toString("utf8"), digest));
  } catch {
    return [...(spec.entrypoint ?? []), ...(spec.command ?? [])];
  }
}
