/** What the engine tells about containers. */

import type { ContainerId } from "../../base/ids.ts";
import type { Endpoint } from "../../network/endpoint.ts";
import type { IdRange } from "../ids/range.ts";
import type { Streams } from "../session.ts";
import type { StorageDriver } from "../snapshot/snapshotter.ts";
import type { Identity } from "./identity.ts";
import type { ContainerSpec } from "./spec.ts";

/** Where in its life a container is. */
export type ContainerState = "created" | "starting" | "running" | "paused" | "exited" | "removing";

/** A container as the engine tells of it. */
export interface ContainerInfo {
  readonly id: ContainerId;
  readonly name: string;
  /** As the user wrote it. */
  readonly image: string;
  readonly imageId: string;
  readonly state: ContainerState;
  /** Milliseconds since the epoch. */
  readonly created: number;
  readonly started?: number;
  readonly finished?: number;
  readonly exitCode?: number;
  readonly oom: boolean;
  /** Why it could not be started. */
  readonly error?: string;
  readonly pid?: number;
  /** What its root was made by. */
  readonly driver: StorageDriver;
  readonly command: readonly string[];
  readonly hostname: string;
  readonly domainname?: string;
  /** Host paths of its /etc/hosts, /etc/hostname and /etc/resolv.conf, which may be another container's. */
  readonly networkFiles: Identity["files"];
  readonly spec: ContainerSpec;
  /** Also those that the image declares. */
  readonly volumes: readonly MountedVolume[];
  readonly endpoint?: Endpoint;
  /** The network that it is in; absent where it has another container's. */
  readonly network?: MemberNetwork;
  /** Ids of the host that its user namespace maps, from 0 up, where it has one. */
  readonly ids?: IdRange;
  readonly logPath: string;
}

export interface MemberNetwork {
  readonly name: string;
  readonly id: string;
  /** Where its default route leads; absent in a network that leads nowhere. */
  readonly gateway?: string;
  readonly gateway6?: string;
}

/** A volume, where a container has it. */
export interface MountedVolume {
  readonly name: string;
  /** Where it is mounted in the container. */
  readonly target: string;
  /** Its folder on the host. */
  readonly path: string;
}

/** One more command for a running container. */
export interface ExecSpec {
  readonly command: readonly string[];
  readonly env?: readonly string[];
  readonly workingDirectory?: string;
  readonly user?: string;
  readonly terminal?: boolean;
  readonly openStdin?: boolean;
  readonly privileged?: boolean;
  readonly consoleSize?: { readonly height: number; readonly width: number };
  /** Names of keys that take a terminal off it. */
  readonly detachKeys?: string;
  /** The streams that whoever starts it later is connected to. */
  readonly attach?: Streams;
}

/** What is wanted of a log. */
export interface LogQuery {
  readonly follow?: boolean;
  /** Nanoseconds since the epoch. */
  readonly since?: bigint;
  readonly until?: bigint;
  /** The last so many lines; absent is all. */
  readonly tail?: number;
  readonly stdout?: boolean;
  readonly stderr?: boolean;
  /** Ends what is read when it is aborted. */
  readonly signal?: AbortSignal;
}

/** A line of a log, or the part of one that was written at once. */
export interface LogEntry {
  readonly stream: "stdout" | "stderr";
  /** RFC 3339 with nanoseconds. */
  readonly time: string;
  /** With its newline, unless the process wrote none there. */
  readonly bytes: Uint8Array;
}

/** An image as lists show it. */
export interface ImageInfo {
  /** Digest of the image's config. */
  readonly id: string;
  /** Familiar names with tags; none for a dangling image. */
  readonly names: readonly string[];
  readonly created: number;
  /** Bytes of the unpacked layers. */
  readonly size: number;
}
