/** What is done with the files of containers, running or not. Loaded by the method that needs it. */

import type { ArchiveRequest } from "./container/files/archive.ts";
import type { Change } from "./container/files/changes.ts";
import type { CopyRequest } from "./container/files/copy.ts";
import type { FileInfo } from "./container/files/stat-file.ts";
import { findContainer } from "./container/records.ts";
import { tellOf } from "./events/record.ts";
import type { EngineHost } from "./host.ts";
import { Inventory } from "./inventory.ts";

export class ContainerFiles extends Inventory {
  readonly #host: EngineHost;

  constructor(host: EngineHost) {
    super(host);
    this.#host = host;
  }

  /** Copies out of a container; resolves with the bytes that an archive of it would have. */
  async copyOut(reference: string, request: Omit<CopyRequest, "called">): Promise<number> {
    const { copyOut } = await import("./container/files/copy.ts");
    const record = this.#find(reference);
    const bytes = await copyOut(this.#host, record, { ...request, called: reference });
    tellOf(this.#host, "archive-path", record);
    return bytes;
  }

  async copyIn(reference: string, request: Omit<CopyRequest, "called">): Promise<number> {
    const { copyIn } = await import("./container/files/copy.ts");
    const record = this.#find(reference);
    const bytes = await copyIn(this.#host, record, { ...request, called: reference });
    tellOf(this.#host, "extract-to-dir", record);
    return bytes;
  }

  /** Files of a container as an archive. */
  async *archiveOut(reference: string, request: Omit<ArchiveRequest, "called">): AsyncGenerator<Uint8Array> {
    const { archiveOut } = await import("./container/files/archive.ts");
    const record = this.#find(reference);
    yield* archiveOut(this.#host, record, { ...request, called: reference });
    tellOf(this.#host, "archive-path", record);
  }

  /** What is at a path of a container; a link is not followed. */
  async statFile(reference: string, path: string): Promise<FileInfo> {
    const { statContainerFile } = await import("./container/files/stat-file.ts");
    return statContainerFile(this.#host, this.#find(reference), { path, called: reference });
  }

  /** Puts what an archive holds into a folder of a container. */
  async archiveIn(reference: string, path: string, archive: AsyncIterable<Uint8Array>): Promise<void> {
    const { archiveIn } = await import("./container/files/archive.ts");
    const record = this.#find(reference);
    await archiveIn(this.#host, record, { path, called: reference }, archive);
    tellOf(this.#host, "extract-to-dir", record);
  }

  /** The root file system of a container as an archive, without what is mounted in it. */
  async *export(reference: string): AsyncGenerator<Uint8Array> {
    const { exportContainer } = await import("./container/files/archive.ts");
    const record = this.#find(reference);
    yield* exportContainer(this.#host, record, reference);
    tellOf(this.#host, "export", record);
  }

  /** What a container has changed of its image, sorted by path. */
  async changes(reference: string): Promise<readonly Change[]> {
    const { containerChanges } = await import("./container/files/changes.ts");
    return containerChanges(this.#host, this.#find(reference));
  }

  #find(reference: string) {
    return findContainer(this.#host.database, reference);
  }
}
