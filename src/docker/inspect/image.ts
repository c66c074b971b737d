/** An image as `docker image inspect` shows it (Engine API, ImageInspect). */

import type { ImageConfig } from "../../spec/image/config.ts";
import { familiarName, parseReference } from "../../spec/reference.ts";

export interface ImageFacts {
  readonly id: string;
  readonly names: readonly string[];
  readonly digest: string;
  readonly config: ImageConfig;
  readonly size: number;
  readonly driver: string;
}

/** What an image does not say is told, too. */
export const noConfig = {
  User: "",
  Env: null,
  Cmd: null,
  Volumes: null,
  WorkingDir: "",
  Entrypoint: null,
  OnBuild: null,
  Labels: null,
} as const;

export function imageJson({ id, names, digest, config, size, driver }: ImageFacts) {
  const references = names.map((name) => parseReference(name));
  const repositories = new Set(references.map(familiarName));
  return {
    Id: id,
    RepoTags: names.filter((_, at) => references[at]!.tag !== undefined),
    RepoDigests: [...repositories].map((name) => `${name}@${digest}`),
    Parent: "",
    Comment: config.history?.at(-1)?.comment ?? "",
    Created: config.created ?? "0001-01-01T00:00:00Z",
    DockerVersion: "",
    Author: config.author ?? "",
    Config: { ...noConfig, ...config.config },
    Architecture: config.architecture ?? "",
    ...(config.variant === undefined ? {} : { Variant: config.variant }),
    Os: config.os ?? "",
    Size: size,
    GraphDriver: { Name: driver, Data: driver === "vfs" ? null : {} },
    RootFS: { Type: config.rootfs.type, Layers: config.rootfs.diff_ids },
    Metadata: { LastTagTime: "0001-01-01T00:00:00Z" },
  };
}
