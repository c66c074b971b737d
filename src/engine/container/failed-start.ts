/** A container that could not be started stays, created, with the reason; one that removes itself goes. */

import { BrigError, messageOf } from "../../base/errors.ts";
import { recordEvent } from "../events/record.ts";
import type { EngineHost } from "../host.ts";
import { release } from "../network/attachment.ts";
import { unmountVolumes } from "./mounted-volumes.ts";
import { type ContainerRecord, updateContainer } from "./records.ts";
import { removeFiles, removeVolumes } from "./remove.ts";

export async function recordFailure(
  host: EngineHost,
  { id, name, spec }: Pick<ContainerRecord, "id" | "name" | "spec">,
  error: unknown,
): Promise<void> {
  if (spec.autoRemove) {
    await removeFiles(host, id);
    await removeVolumes(host, id);
    host.database.transaction(() => {
      host.database.run("DELETE FROM container WHERE id = ?", id);
      recordEvent(host, "destroy", { id, name, spec }, { exitCode: String(exitCodeOf(error)) });
    });
  } else stay(host, id, error);
  await unmountVolumes(host, spec);
}

function stay(host: EngineHost, id: ContainerRecord["id"], error: unknown): void {
  host.database.transaction(() => {
    updateContainer(host.database, id, {
      state: "created",
      owner: null,
      error: messageOf(error),
      exit_code: exitCodeOf(error),
    });
    release(host.database, id);
  });
}

function exitCodeOf(error: unknown): number {
  const kind = error instanceof BrigError ? error.kind : "internal";
  return kind === "command-not-found" ? 127 : kind === "command-not-executable" ? 126 : 128;
}
