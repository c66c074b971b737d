/** Every command's handler. A file is loaded when its command is called, and only then. */

import type { Handlers } from "../flags/program.ts";
import type { brig } from "../options/program.ts";
import type { Context } from "./context.ts";

export const handlers: Handlers<typeof brig, Context, Promise<number>> = {
  attach: async (call, context) => (await import("./attach.ts")).attach(call, context),
  containerInspect: async (call, context) =>
    (await import("./container-inspect.ts")).containerInspect(call, context),
  cp: async (call, context) => (await import("./cp.ts")).cp(call, context),
  create: async (call, context) => (await import("./create.ts")).create(call, context),
  exec: async (call, context) => (await import("./exec.ts")).exec(call, context),
  explain: async (call, context) => (await import("./explain.ts")).explain(call, context),
  imageInspect: async (call, context) => (await import("./image-inspect.ts")).imageInspect(call, context),
  images: async (call, context) => (await import("./images.ts")).images(call, context),
  import: async (call, context) => (await import("./import.ts")).importImage(call, context),
  info: async (call, context) => (await import("./info.ts")).info(call, context),
  inspect: async (call, context) => (await import("./inspect.ts")).inspect(call, context),
  kill: async (call, context) => (await import("./kill.ts")).kill(call, context),
  load: async (call, context) => (await import("./load.ts")).load(call, context),
  logs: async (call, context) => (await import("./logs.ts")).logs(call, context),
  networkInspect: async (call, context) => (await import("./network.ts")).networkInspect(call, context),
  networkLs: async (call, context) => (await import("./network.ts")).networkLs(call, context),
  oci: async ({ operands }) => (await import("../oci/main.ts")).ociMain(operands),
  pause: async (call, context) => (await import("./pause.ts")).pause(call, context),
  port: async (call, context) => (await import("./port.ts")).port(call, context),
  ps: async (call, context) => (await import("./ps.ts")).ps(call, context),
  rename: async (call, context) => (await import("./rename.ts")).rename(call, context),
  restart: async (call, context) => (await import("./restart.ts")).restart(call, context),
  rm: async (call, context) => (await import("./rm.ts")).rm(call, context),
  rmi: async (call, context) => (await import("./rmi.ts")).rmi(call, context),
  run: async (call, context) => (await import("./run.ts")).run(call, context),
  settle: async (call, context) => (await import("./settle.ts")).settle(call, context),
  start: async (call, context) => (await import("./start.ts")).start(call, context),
  stop: async (call, context) => (await import("./stop.ts")).stop(call, context),
  top: async (call, context) => (await import("./top.ts")).top(call, context),
  unpause: async (call, context) => (await import("./pause.ts")).unpause(call, context),
  update: async (call, context) => (await import("./update.ts")).update(call, context),
  version: async (call, context) => (await import("./version.ts")).version(call, context),
  volumeCreate: async (call, context) => (await import("./volume.ts")).volumeCreate(call, context),
  volumeInspect: async (call, context) => (await import("./volume.ts")).volumeInspect(call, context),
  volumeLs: async (call, context) => (await import("./volume.ts")).volumeLs(call, context),
  volumeRm: async (call, context) => (await import("./volume.ts")).volumeRm(call, context),
  wait: async (call, context) => (await import("./wait.ts")).wait(call, context),
};
