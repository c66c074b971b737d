/** A container that could not be started stays, created, with the reason; one that removes itself goes. */

import { BrigError, messageOf } from "../../base/errors.ts";
import type { ImageConfig } from "../../spec/image/config.ts";
import { recordEvent } from "../events/record.ts";
import { recordVolume } from "../events/volume.ts";
import type { EngineHost } from "../host.ts";
import { release } from "../network/attachment.ts";
import type { Streams } from "../session.ts";
import { recordFailedStart } from "./life-events.ts";
import { unmountVolumes } from "./mounted-volumes.ts";
import { type ContainerRecord, updateContainer } from "./records.ts";
import { removeFiles, removeVolumes } from "./remove.ts";

type Subject = Pick<ContainerRecord, "id" | "name" | "spec">;

export interface FailedStart {
  readonly error: unknown;
  readonly image: ImageConfig;
  /** Those of whoever was to see it run. */
  readonly streams: Streams;
}

export async function recordFailure(host: EngineHost, subject: Subject, failed: FailedStart): Promise<void> {
  if (subject.spec.autoRemove) await go(host, subject, failed);
  else stay(host, subject, failed);
  await unmountVolumes(host, subject.spec);
}

async function go(host: EngineHost, subject: Subject, { error, image, streams }: FailedStart): Promise<void> {
  const { id } = subject;
  await removeFiles(host, id);
  const volumes = await removeVolumes(host, id);
  host.database.transaction(() => {
    host.database.run("DELETE FROM container WHERE id = ?", id);
    recordFailedStart(host, subject, image, streams);
    for (const name of volumes) recordVolume(host, "destroy", name);
    // Whoever waits for its removal is told no other way.
    recordEvent(host, "destroy", subject, { exitCode: String(exitCodeOf(error)) });
  });
}

function stay(host: EngineHost, subject: Subject, { error, image, streams }: FailedStart): void {
  const { id } = subject;
  host.database.transaction(() => {
    recordFailedStart(host, subject, image, streams);
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
