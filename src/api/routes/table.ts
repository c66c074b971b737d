/** Every route of the service. */

import { document } from "../answers.ts";
import { json } from "../http/answer.ts";
import { openApiOf } from "../openapi.ts";
import { type Route, route } from "../route.ts";
import { absent } from "./absent.ts";
import { containerFiles } from "./container-files.ts";
import { containerIo } from "./container-io.ts";
import { containerLife } from "./container-life.ts";
import { containerLists } from "./container-list.ts";
import { containerUsage } from "./container-stats.ts";
import { containerWait } from "./container-wait.ts";
import { containerWebSocket } from "./container-websocket.ts";
import { executions } from "./exec.ts";
import { images } from "./images.ts";
import { networks } from "./networks.ts";
import { prune } from "./prune.ts";
import { system } from "./system.ts";
import { volumes } from "./volumes.ts";

export const routes: readonly Route[] = [
  ...system,
  ...containerLists,
  ...containerLife,
  ...containerIo,
  ...containerFiles,
  ...containerUsage,
  ...containerWait,
  ...containerWebSocket,
  ...executions,
  ...prune,
  ...images,
  ...volumes,
  ...networks,
  ...absent,
  route({
    method: "GET",
    path: "/openapi.json",
    summary: "This table as an OpenAPI document",
    answers: { 200: document("The document") },
    shows: "state",
    answer: () => json(openApiOf(routes)),
  }),
];
