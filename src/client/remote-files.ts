/** Files of containers of another engine: archives that go to and fro. */

import { BrigError } from "../base/errors.ts";
import type { ArchiveRequest } from "../engine/container/files/archive.ts";
import type { Change } from "../engine/container/files/changes.ts";
import type { CopyRequest } from "../engine/container/files/copy.ts";
import type { FileInfo } from "../engine/container/files/stat-file.ts";
import { integer, text, whole } from "../spec/schema/scalars.ts";
import { list, looseObject, omitEmpty, optional } from "../spec/schema/schema.ts";
import { type Api, type Ask, part } from "./api.ts";
import { RemoteInventory } from "./remote-inventory.ts";

type Request<T> = Omit<T, "called">;

export class RemoteFiles extends RemoteInventory {
  readonly #api: Api;

  constructor(api: Api) {
    super(api);
    this.#api = api;
  }

  async copyOut(reference: string, request: Request<CopyRequest>): Promise<number> {
    const { copyFromRemote } = await import("./copy.ts");
    return copyFromRemote(this, reference, request);
  }

  async copyIn(reference: string, request: Request<CopyRequest>): Promise<number> {
    const { copyToRemote } = await import("./copy.ts");
    return copyToRemote(this, reference, request);
  }

  async *archiveOut(
    reference: string,
    { path, follow = false }: Request<ArchiveRequest>,
  ): AsyncGenerator<Uint8Array> {
    const { linkTarget } = follow ? await this.statFile(reference, path) : { linkTarget: "" };
    const wanted = linkTarget === "" ? path : linkTarget;
    yield* (await this.#api.ask(archive("GET", reference, wanted))).pieces;
  }

  async statFile(reference: string, path: string): Promise<FileInfo> {
    const { headers } = await this.#api.done(archive("HEAD", reference, path)).catch((error: unknown) => {
      // An answer to HEAD has no words.
      if (!(error instanceof BrigError && error.kind === "not-found")) throw error;
      throw new BrigError("not-found", `No such container:path: ${reference}:${path}`, {
        code: "no-such-path",
        cause: error,
      });
    });
    return fileInfoOf(headers["x-docker-container-path-stat"] ?? "", this.#api.name);
  }

  async archiveIn(reference: string, path: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
    await this.#api.done({ ...archive("PUT", reference, path, { noOverwriteDirNonDir: true }), bytes });
  }

  async *export(reference: string): AsyncGenerator<Uint8Array> {
    yield* (await this.#api.ask({ method: "GET", path: `/containers/${part(reference)}/export` })).pieces;
  }

  changes(reference: string): Promise<readonly Change[]> {
    return this.#api.read(changesOf, { method: "GET", path: `/containers/${part(reference)}/changes` });
  }
}

function archive(method: Ask["method"], reference: string, path: string, more: Ask["query"] = {}): Ask {
  return { method, path: `/containers/${part(reference)}/archive`, query: { path, ...more } };
}

const pathStat = looseObject({
  name: text,
  size: optional(whole),
  mode: optional(whole),
  mtime: omitEmpty(text),
  linkTarget: omitEmpty(text),
});

function fileInfoOf(header: string, name: string): FileInfo {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(header, "base64").toString("utf8"));
  } catch (cause) {
    throw new BrigError("unavailable", `${name} has told of a file what cannot be read`, { cause });
  }
  const found = pathStat(value, `the answer of ${name}:`);
  return {
    name: found.name,
    size: found.size ?? 0,
    mode: found.mode ?? 0,
    modified: Date.parse(found.mtime ?? "") || 0,
    linkTarget: found.linkTarget ?? "",
  };
}

const kinds = ["modified", "added", "deleted"] as const;

const changeList = list(looseObject({ Path: text, Kind: integer(0, kinds.length - 1) }));

/** Paths are bytes here, and were text on the way. */
function changesOf(value: unknown, at: string): readonly Change[] {
  return changeList(value ?? [], at).map(({ Path, Kind }) => ({
    kind: kinds[Kind]!,
    path: Buffer.from(Path, "utf8").toString("latin1") as Change["path"],
  }));
}
