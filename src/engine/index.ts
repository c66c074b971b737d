/** The engine as a library: `import { Engine } from "brig"`. */

export { BrigError } from "../base/errors.ts";
export type { ContainerInfo, ExecSpec, ImageInfo, LogEntry, LogQuery } from "./container/info.ts";
export type { ContainerSpec } from "./container/spec.ts";
export { Engine, type EngineOptions } from "./engine.ts";
export type { Ended, OutputChunk, Session, Streams } from "./session.ts";
