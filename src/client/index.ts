/** An engine behind its API as a library: `import { connect } from "brig/client"`. */

export { BrigError, type ErrorKind } from "../base/errors.ts";
export type { ContainerEngine } from "../engine/container-engine.ts";
export { Container } from "../engine/container-handle.ts";
export { connect } from "./connect.ts";
export type { TlsMaterial } from "./dial/tls.ts";
export type { ConnectOptions } from "./open.ts";
