/** The engine as a library: `import { Engine } from "brig"`. */

export { BrigError, type ErrorKind } from "../base/errors.ts";
export type { Change } from "./container/files/changes.ts";
export type { CopyRequest } from "./container/files/copy.ts";
export type { FileInfo } from "./container/files/stat-file.ts";
export type {
  ContainerInfo,
  ContainerState,
  ExecSpec,
  ImageInfo,
  LogEntry,
  LogQuery,
} from "./container/info.ts";
export type { Created, RunOptions } from "./container/lifecycle.ts";
export type { RemoveOptions } from "./container/remove-container.ts";
export type { ContainerSize } from "./container/size.ts";
export type {
  ContainerSpec,
  LoggingSpec,
  MountSpec,
  NamespaceSpec,
  NetworkSpec,
  ResourceSpec,
  RestartPolicy,
  SecuritySpec,
} from "./container/spec.ts";
export type { ContainerStats } from "./container/stats.ts";
export type { StopOptions } from "./container/stop.ts";
export type { ProcessTable } from "./container/top.ts";
export type { ContainerChange } from "./container/update.ts";
export type { ContainerEngine } from "./container-engine.ts";
export { type Cancelable, Container, type Output } from "./container-handle.ts";
export { Engine, type EngineOptions } from "./engine.ts";
export type { EngineEvent, EventQuery } from "./events/feed.ts";
export type { HistoryStep } from "./image/history.ts";
export type { ImportRequest } from "./image/intake.ts";
export type { ImageDetails } from "./image/list.ts";
export type { SaveRequest } from "./image/output.ts";
export type { Removal } from "./image/removal.ts";
export type { NetworkInfo } from "./networks.ts";
export type { Ended, OutputChunk, Session, Streams } from "./session.ts";
export type { VolumeInfo, VolumeRequest } from "./volume/volume.ts";
