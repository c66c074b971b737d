/** The state of a container in words, as `docker ps` has them. */

import type { ContainerInfo } from "../engine/container/info.ts";
import { humanAge, humanDuration } from "./human-time.ts";

/** "Up 5 minutes", "Exited (0) 2 hours ago", "Created". `now` in milliseconds since 1970. */
export function containerStatus(container: ContainerInfo, now: number): string {
  const { state, created, started = created, finished, exitCode = 0 } = container;
  switch (state) {
    case "created":
    case "starting":
      return "Created";
    case "running":
      return `Up ${humanDuration(now - started)}`;
    case "paused":
      return `Up ${humanDuration(now - started)} (Paused)`;
    case "exited":
      return finished === undefined
        ? `Exited (${exitCode})`
        : `Exited (${exitCode}) ${humanAge(finished, now)}`;
    case "removing":
      return "Removal In Progress";
  }
}

/** The state in one of the words that Docker's API and filters have for it. */
export function dockerState({ state }: ContainerInfo): string {
  return state === "starting" ? "created" : state;
}
