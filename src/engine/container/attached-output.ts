/** What a client that came later reads: live, and where it was too slow for that, on from the log. */

import { type FileHandle, open } from "node:fs/promises";
import { BrigError } from "../../base/errors.ts";
import type { ShimClient } from "../../kernel/shim/client.ts";
import type { LogPosition } from "../../kernel/shim/wire.ts";
import type { EngineHost } from "../host.ts";
import { paths } from "../roots.ts";
import type { OutputChunk, Streams } from "../session.ts";
import { logSetting } from "./logging.ts";
import type { ContainerRecord } from "./records.ts";
import { lastExit } from "./settle.ts";

export async function* attachedOutput(
  host: EngineHost,
  record: ContainerRecord,
  client: ShimClient,
  streams: Streams,
): AsyncGenerator<OutputChunk> {
  for await (const item of client.output) {
    if (item.kind === "bytes") yield item;
    else yield* fromLog(host, record, await placeOf(host, record, client, item.from), streams);
  }
}

async function* fromLog(
  host: EngineHost,
  record: ContainerRecord,
  place: LogPlace,
  streams: Streams,
): AsyncGenerator<OutputChunk> {
  const [{ followLog }, { LogCursor }] = await Promise.all([
    import("./follow-log.ts"),
    import("./log-cursor.ts"),
  ]);
  const { files = 1 } = logSetting(record.spec.logging) ?? {};
  await using cursor = new LogCursor(paths.log(host.roots, record.id), files, place.file, place.position);
  for await (const entries of followLog(host, record, cursor))
    for (const { stream, bytes } of entries) if (streams[stream]) yield { stream, bytes };
}

interface LogPlace {
  readonly file: FileHandle;
  readonly position: number;
}

/** The file that was current at the position, under the name that it has by now; or the oldest there is. */
async function placeOf(
  host: EngineHost,
  record: ContainerRecord,
  client: ShimClient,
  from: LogPosition,
): Promise<LogPlace> {
  const files = logSetting(record.spec.logging)?.files;
  if (files === undefined)
    throw new BrigError(
      "unavailable",
      "cannot go on with the output: it came faster than it was read, and the container keeps no log",
    );
  const rotations = () =>
    client.status().then(
      ({ log }) => log.rotations,
      () => lastExit(host, record.id)?.logRotations ?? from.rotations,
    );
  for (;;) {
    const before = await rotations();
    const age = before - from.rotations;
    const oldest = Math.min(age, files - 1);
    const path = paths.log(host.roots, record.id);
    const file = await open(oldest === 0 ? path : `${path}.${oldest}`, "r");
    if ((await rotations()) === before) return { file, position: age === oldest ? from.offset : 0 };
    await file.close();
  }
}
