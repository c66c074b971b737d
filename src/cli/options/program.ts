/** The command line of brig: every command's table, and the names that lead to them. */

import { dockerDialect } from "../flags/docker-dialect.ts";
import { program } from "../flags/program.ts";
import { attach } from "./attach.ts";
import { complete, completion } from "./completion.ts";
import {
  contextCreate,
  contextExport,
  contextImport,
  contextInspect,
  contextLs,
  contextRm,
  contextShow,
  contextUpdate,
  contextUse,
} from "./context.ts";
import { cp } from "./cp.ts";
import { create } from "./create.ts";
import { diff } from "./diff.ts";
import { events } from "./events.ts";
import { exec } from "./exec.ts";
import { explain } from "./explain.ts";
import { exportContainer } from "./export.ts";
import { globalFlags } from "./global.ts";
import { history } from "./history.ts";
import { imageInspect } from "./image-inspect.ts";
import { images } from "./images.ts";
import { importImage } from "./import.ts";
import { info } from "./info.ts";
import { containerInspect, inspect } from "./inspect.ts";
import { kill } from "./kill.ts";
import { load } from "./load.ts";
import { logs } from "./logs.ts";
import { man } from "./man.ts";
import { networkInspect, networkLs } from "./network.ts";
import { oci } from "./oci-door.ts";
import { pause, unpause } from "./pause.ts";
import { port } from "./port.ts";
import { containerPrune, imagePrune, networkPrune, systemPrune, volumePrune } from "./prune.ts";
import { ps } from "./ps.ts";
import { rename } from "./rename.ts";
import { restart } from "./restart.ts";
import { rm } from "./rm.ts";
import { rmi } from "./rmi.ts";
import { run } from "./run.ts";
import { save } from "./save.ts";
import { service } from "./service.ts";
import { settle } from "./settle.ts";
import { start } from "./start.ts";
import { stats } from "./stats.ts";
import { stop } from "./stop.ts";
import { systemCheck } from "./system-check.ts";
import { systemDf } from "./system-df.ts";
import { systemDialStdio } from "./system-dial-stdio.ts";
import { systemRelease } from "./system-release.ts";
import { tag } from "./tag.ts";
import { top } from "./top.ts";
import { update } from "./update.ts";
import { version } from "./version.ts";
import { volumeCreate, volumeInspect, volumeLs, volumeRm } from "./volume.ts";
import { wait } from "./wait.ts";

export const brig = program({
  name: "brig",
  globals: globalFlags,
  dialect: dockerDialect,
  tables: {
    attach,
    complete,
    completion,
    containerInspect,
    containerPrune,
    contextCreate,
    contextExport,
    contextImport,
    contextInspect,
    contextLs,
    contextRm,
    contextShow,
    contextUpdate,
    contextUse,
    cp,
    create,
    diff,
    events,
    exec,
    explain,
    export: exportContainer,
    history,
    imageInspect,
    imagePrune,
    images,
    import: importImage,
    info,
    inspect,
    kill,
    load,
    logs,
    man,
    networkInspect,
    networkLs,
    networkPrune,
    oci,
    pause,
    port,
    ps,
    rename,
    restart,
    rm,
    rmi,
    run,
    save,
    service,
    settle,
    start,
    stats,
    stop,
    systemCheck,
    systemDf,
    systemDialStdio,
    systemPrune,
    systemRelease,
    tag,
    top,
    unpause,
    update,
    version,
    volumeCreate,
    volumeInspect,
    volumeLs,
    volumePrune,
    volumeRm,
    wait,
  },
  tree: {
    summary: "Runs anything at the level of isolation it needs",
    common: ["run", "exec", "ps", "images", "version", "info"],
    later: [
      "build",
      "builder",
      "buildx",
      "commit",
      "compose",
      "config",
      "login",
      "logout",
      "manifest",
      "node",
      "plugin",
      "pull",
      "push",
      "search",
      "secret",
      "stack",
      "swarm",
      "trust",
    ],
    commands: {
      __complete: "complete",
      attach: "attach",
      completion: "completion",
      cp: "cp",
      create: "create",
      diff: "diff",
      events: "events",
      exec: "exec",
      explain: "explain",
      export: "export",
      history: "history",
      images: "images",
      import: "import",
      info: "info",
      inspect: "inspect",
      kill: "kill",
      load: "load",
      logs: "logs",
      man: "man",
      oci: "oci",
      pause: "pause",
      port: "port",
      ps: "ps",
      rename: "rename",
      restart: "restart",
      rm: "rm",
      rmi: "rmi",
      run: "run",
      save: "save",
      service: "service",
      settle: "settle",
      start: "start",
      stats: "stats",
      stop: "stop",
      tag: "tag",
      top: "top",
      unpause: "unpause",
      update: "update",
      version: "version",
      wait: "wait",
      container: {
        summary: "Manage containers",
        unlisted: ["list", "ps", "remove"],
        later: ["commit"],
        commands: {
          attach: "attach",
          cp: "cp",
          create: "create",
          diff: "diff",
          exec: "exec",
          export: "export",
          inspect: "containerInspect",
          kill: "kill",
          list: "ps",
          logs: "logs",
          ls: "ps",
          pause: "pause",
          port: "port",
          prune: "containerPrune",
          ps: "ps",
          remove: "rm",
          rename: "rename",
          restart: "restart",
          rm: "rm",
          run: "run",
          start: "start",
          stats: "stats",
          stop: "stop",
          top: "top",
          unpause: "unpause",
          update: "update",
          wait: "wait",
        },
      },
      context: {
        summary: "Manage names of engines that are elsewhere",
        unlisted: ["list", "remove"],
        commands: {
          create: "contextCreate",
          export: "contextExport",
          import: "contextImport",
          inspect: "contextInspect",
          list: "contextLs",
          ls: "contextLs",
          remove: "contextRm",
          rm: "contextRm",
          show: "contextShow",
          update: "contextUpdate",
          use: "contextUse",
        },
      },
      image: {
        summary: "Manage images",
        unlisted: ["list", "remove"],
        later: ["build", "pull", "push"],
        commands: {
          history: "history",
          import: "import",
          inspect: "imageInspect",
          load: "load",
          ls: "images",
          list: "images",
          prune: "imagePrune",
          rm: "rmi",
          remove: "rmi",
          save: "save",
          tag: "tag",
        },
      },
      network: {
        summary: "Manage networks",
        unlisted: ["list"],
        later: ["connect", "create", "disconnect", "rm", "remove"],
        commands: { inspect: "networkInspect", ls: "networkLs", list: "networkLs", prune: "networkPrune" },
      },
      system: {
        summary: "Manage brig",
        commands: {
          check: "systemCheck",
          df: "systemDf",
          "dial-stdio": "systemDialStdio",
          events: "events",
          info: "info",
          prune: "systemPrune",
          release: "systemRelease",
        },
      },
      volume: {
        summary: "Manage volumes",
        unlisted: ["list", "remove"],
        later: ["update"],
        commands: {
          create: "volumeCreate",
          inspect: "volumeInspect",
          ls: "volumeLs",
          list: "volumeLs",
          prune: "volumePrune",
          rm: "volumeRm",
          remove: "volumeRm",
        },
      },
    },
  },
});
