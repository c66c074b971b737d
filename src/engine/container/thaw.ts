/** The end of a pause. */

import { BrigError } from "../../base/errors.ts";
import { thawCgroup } from "../../kernel/cgroup/live/freeze.ts";
import { type ContainerRecord, runningCgroup } from "./records.ts";

/** Lets the processes run; it is no error when there are none any more. */
export function goOn(record: Pick<ContainerRecord, "id" | "cgroup">): void {
  try {
    thawCgroup(runningCgroup(record));
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

/** The cgroup went with the last process. */
export function isGone(error: unknown): boolean {
  return error instanceof BrigError && error.kind === "not-found";
}
