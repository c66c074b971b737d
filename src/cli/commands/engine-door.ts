/** The engine as the command line sees it: what it does, without how, so that tests can stand in for it. */

import type { Engine } from "../../engine/engine.ts";

export type EngineDoor = Pick<Engine, keyof Engine>;
export type Created = Awaited<ReturnType<EngineDoor["create"]>>;
export type ImageDetails = ReturnType<EngineDoor["inspectImage"]>;
