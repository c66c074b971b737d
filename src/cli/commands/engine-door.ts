/** The engine as the command line sees it: what it does, without how and where, so that tests can stand in for it. */

import type { ContainerEngine } from "../../engine/container-engine.ts";

export type EngineDoor = ContainerEngine;
export type Created = Awaited<ReturnType<EngineDoor["create"]>>;
