/**
 * What Docker's API tells of an engine, as the documents it tells it in: what `inspect` prints and lists are made of. Of
 * this host's engine they are made here (of-engine.ts); of another they come over its API as that engine wrote them
 * (src/client/documents.ts), so that nothing it said is lost on the way.
 */

import type { Filters } from "../filter/filters.ts";
import type { InfoJson } from "../inspect/info.ts";

/** Whatever else it says is there as well. */
export type Document = Readonly<Record<string, unknown>>;

export interface Documents {
  containers(query: ContainerQuery): Promise<readonly ContainerSummary[]>;
  container(reference: string, options?: { readonly size?: boolean }): Promise<Document>;
  images(query: ImageQuery): Promise<readonly ImageSummary[]>;
  image(reference: string): Promise<Document>;
  volumes(filters: Filters): Promise<readonly VolumeDocument[]>;
  volume(name: string): Promise<Document>;
  networks(filters: Filters): Promise<readonly NetworkDocument[]>;
  network(reference: string): Promise<Document>;
  usage(): Promise<UsageDocument>;
  info(): Promise<InfoJson>;
  /** Of the engine and its parts; undefined where it is this program itself. */
  version(): Promise<Document | undefined>;
}

export interface ContainerQuery {
  readonly all?: boolean;
  /** The newest so many, in any state. */
  readonly limit?: number;
  readonly filters?: Filters;
  readonly size?: boolean;
}

export interface ImageQuery {
  readonly filters?: Filters;
  /** A name, or a pattern of names. */
  readonly reference?: string | undefined;
}

/** Engine API, ContainerSummary. */
export interface ContainerSummary {
  readonly Id: string;
  /** With a slash before each. */
  readonly Names: readonly string[];
  readonly Image: string;
  readonly Command: string;
  /** Seconds since 1970. */
  readonly Created: number;
  readonly Ports: readonly PortSummary[];
  /** Bytes; absent where they were not asked for. */
  readonly SizeRw?: number;
  readonly SizeRootFs?: number;
  readonly Labels: Readonly<Record<string, string>>;
  readonly State: string;
  readonly Status: string;
  /** Names of networks. */
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, unknown>> };
  readonly Mounts: readonly MountSummary[];
}

export interface PortSummary {
  /** Absent for a port that is only exposed. */
  readonly IP?: string;
  readonly PrivatePort: number;
  readonly PublicPort?: number;
  readonly Type: string;
}

export interface MountSummary {
  readonly Type: string;
  readonly Name?: string;
  readonly Source: string;
  readonly Driver?: string;
}

/** Engine API, ImageSummary. */
export interface ImageSummary {
  readonly Id: string;
  readonly RepoTags: readonly string[];
  readonly RepoDigests: readonly string[];
  /** Seconds since 1970; 0 where nobody knows. */
  readonly Created: number;
  readonly Size: number;
}

/** Engine API, Volume. */
export interface VolumeDocument {
  readonly Name: string;
  readonly Driver: string;
  readonly Scope: string;
  readonly Mountpoint: string;
  readonly Labels: Readonly<Record<string, string>>;
}

/** Engine API, SystemDataUsage; null is what was not asked for. */
export interface UsageDocument {
  /** Bytes of layers, each counted once. */
  readonly LayersSize: number;
  readonly Images: readonly ImageUsage[] | null;
  readonly Containers: readonly ContainerSummary[] | null;
  readonly Volumes: readonly VolumeUsage[] | null;
  /** Nothing of this host is built yet. */
  readonly BuildCache: unknown;
}

export interface ImageUsage extends ImageSummary {
  /** Bytes of layers that other images have, too. */
  readonly SharedSize: number;
  readonly Containers: number;
}

export interface VolumeUsage extends VolumeDocument {
  readonly UsageData: { readonly RefCount: number; readonly Size: number };
}

/** Engine API, Network. */
export interface NetworkDocument {
  readonly Name: string;
  readonly Id: string;
  readonly Created: string;
  readonly Driver: string;
  readonly Scope: string;
  readonly EnableIPv6: boolean;
  readonly Internal: boolean;
  readonly Labels: Readonly<Record<string, string>>;
}
