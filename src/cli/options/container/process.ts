/** What runs in the container, and what it is connected to. */

import type { Flags } from "../../flags/flag.ts";
import { integer } from "../../flags/types/integer.ts";
import { list, map, text } from "../../flags/types/text.ts";
import { toggle } from "../../flags/types/toggle.ts";
import { streamList } from "../values/attach.ts";
import { environmentList } from "../values/env.ts";
import { restartPolicy } from "../values/restart.ts";
import { signal } from "../values/signal.ts";
import { workingDirectory } from "../values/working-directory.ts";

export const processFlags = {
  attach: { type: streamList, short: "a", help: "Connect to STDIN, STDOUT or STDERR only" },
  entrypoint: { type: text, help: "Program to run instead of the image's ENTRYPOINT" },
  env: { type: environmentList, short: "e", help: "Set an environment variable, or pass the caller's on" },
  envFile: { type: list, help: "Read environment variables from a file" },
  init: { type: toggle, help: "Run a small init as PID 1 that forwards signals and reaps processes" },
  interactive: { type: toggle, short: "i", help: "Keep STDIN open, also while nobody is attached" },
  logDriver: { type: text, help: "What keeps its output (json-file, local, none)" },
  logOpt: { type: map, help: "Option of the log driver (max-size=, max-file=)" },
  oomScoreAdj: {
    type: integer,
    help: "How readily the kernel kills it when memory runs out (-1000 to 1000)",
  },
  restart: {
    type: restartPolicy,
    help: "When to start it again after it ends (no, always, unless-stopped, on-failure[:TIMES])",
  },
  stopSignal: { type: signal, help: "Signal that asks it to stop" },
  stopTimeout: { type: integer, help: "Seconds between asking it to stop and killing it" },
  tty: { type: toggle, short: "t", help: "Give it a pseudo-terminal" },
  user: { type: text, short: "u", help: "User to run as (NAME|UID[:GROUP|GID])" },
  workdir: { type: workingDirectory, short: "w", help: "Directory to run in, inside the container" },
} as const satisfies Flags;
