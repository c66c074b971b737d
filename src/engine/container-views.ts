/** What the engine tells of containers, running or not. Loaded by the method that needs it. */

import type { ContainerInfo, LogEntry, LogQuery } from "./container/info.ts";
import { reconcile } from "./container/reconcile.ts";
import { findContainer, listContainers } from "./container/records.ts";
import type { ContainerSize } from "./container/size.ts";
import { ContainerCommands } from "./container-commands.ts";
import type { EngineHost } from "./host.ts";

export class ContainerViews extends ContainerCommands {
  readonly #host: EngineHost;

  constructor(host: EngineHost) {
    super(host);
    this.#host = host;
  }

  async list({ all = false }: { readonly all?: boolean } = {}): Promise<readonly ContainerInfo[]> {
    await reconcile(this.#host);
    const records = listContainers(this.#host.database, all ? undefined : ["running", "paused"]);
    const { infosOf } = await import("./container/inspect.ts");
    return infosOf(this.#host, records);
  }

  async inspect(reference: string): Promise<ContainerInfo> {
    await reconcile(this.#host);
    const { infoOf } = await import("./container/inspect.ts");
    return infoOf(this.#host, findContainer(this.#host.database, reference));
  }

  /** Bytes of its files. */
  async size(reference: string): Promise<ContainerSize> {
    const { sizeOf } = await import("./container/size.ts");
    return sizeOf(this.#host, findContainer(this.#host.database, reference));
  }

  async *logs(reference: string, query: LogQuery): AsyncGenerator<LogEntry> {
    for await (const entries of this.logPieces(reference, query)) yield* entries;
  }

  /** The same, as many entries at a time as are at hand: for whom it would take too long to wait for each. */
  async *logPieces(reference: string, query: LogQuery): AsyncGenerator<readonly LogEntry[]> {
    const { readLogs } = await import("./container/logs.ts");
    const pieces = readLogs(this.#host, findContainer(this.#host.database, reference), query);
    if (!query.signal) return yield* pieces;
    const { untilAborted } = await import("../base/abortable.ts");
    yield* untilAborted(pieces, query.signal);
  }
}
