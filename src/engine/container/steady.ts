/** A container as it is when nobody is just starting it. */

import { sleep } from "../../base/sleep.ts";
import type { EngineHost } from "../host.ts";
import { reconcile } from "./reconcile.ts";
import { type ContainerRecord, readContainer } from "./records.ts";

/** Milliseconds between two looks; a start takes about as long. */
const pause = 10;

/** Undefined when it is gone. A starter that was killed is not waited for. */
export async function steady(host: EngineHost, id: string): Promise<ContainerRecord | undefined> {
  for (;;) {
    const record = readContainer(host.database, id);
    if (record?.state !== "starting") return record;
    await reconcile(host);
    await sleep(pause);
  }
}
