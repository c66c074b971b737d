/** `rm`: a container that has ended, or with force any. */

import { rmSync } from "node:fs";
import { BrigError } from "../../base/errors.ts";
import type { EngineHost } from "../host.ts";
import { paths } from "../roots.ts";
import type { Ended } from "../session.ts";
import { recordEvent } from "../store/events.ts";
import { anonymousVolumes } from "./plan.ts";
import { type ContainerRecord, readContainer, updateContainer } from "./records.ts";
import { removeFiles } from "./remove.ts";
import { cleanHost } from "./settle.ts";
import { signalContainer } from "./stop.ts";

const SIGKILL = 9;

export async function removeContainer(
  host: EngineHost,
  record: ContainerRecord,
  { force = false, volumes = false }: { readonly force?: boolean; readonly volumes?: boolean },
  wait: () => Promise<Ended>,
): Promise<void> {
  const { id, name } = record;
  if (record.state === "running" || record.state === "paused") {
    if (!force)
      throw new BrigError(
        "conflict",
        `cannot remove container "/${name}": container is running: stop the container before removing or force remove`,
        { code: "running" },
      );
    const ended = wait();
    await signalContainer(host, record, SIGKILL).catch(() => undefined);
    await ended;
  }
  const claimed = updateContainer(host.database, id, { state: "removing", owner: host.owner.id }, [
    "created",
    "exited",
    "running",
    "paused",
  ]);
  if (!claimed) {
    if (readContainer(host.database, id) === undefined) return;
    throw new BrigError("conflict", `removal of container ${name} is already in progress`, {
      code: "removing",
    });
  }
  if (record.state === "starting") await cleanHost(host, record);
  await removeFiles(host, id);
  if (volumes)
    for (const volume of anonymousVolumes(host, record))
      rmSync(paths.volume(host.roots, volume), { recursive: true, force: true });
  host.database.transaction(() => {
    host.database.run("DELETE FROM container WHERE id = ?", id);
    recordEvent(host, "destroy", record);
  });
}
