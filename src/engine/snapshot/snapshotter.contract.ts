/**
 * What every snapshotter keeps to. A driver's test registers each check in three lines:
 *
 *   for (const { title, check } of snapshotterContract(vfs, sample)) {
 *     test(title, check);
 *   }
 *
 * Needs root, as containers do.
 */

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ContainerId, containerId } from "../../base/ids.ts";
import { loadArchive } from "../../image/archive/load.ts";
import { TreeArchive } from "../../image/files/archive.ts";
import { FileSession } from "../../image/files/side.ts";
import { type ResolvedImage, resolveImage } from "../../image/store/resolve.ts";
import { inPieces, readAll } from "../../image/tar/fixture.ts";
import * as F from "../../kernel/abi/files.ts";
import { Executor } from "../../kernel/executor/executor.ts";
import { endExecutor } from "../../kernel/executor/pipeline.ts";
import { shimPath } from "../../kernel/executor/shim-path.ts";
import type { Slot } from "../../kernel/program/argument.ts";
import { ProgramBuilder } from "../../kernel/program/builder.ts";
import type { RootSource } from "../../runtime/launch/rootfs.ts";
import { enterStopped } from "../enter.ts";
import { type EngineHost, openHost } from "../host.ts";
import { paths, rootsOf } from "../roots.ts";
import type { Snapshotter } from "./snapshotter.ts";

/** An image with whiteouts, opaque folders, and a layer that it has twice; the lowest is busybox. */
export interface Sample {
  readonly archive: Uint8Array;
  /** Beneath `/many`: path to content, in order. In `folder-1` there are `1` and `251`. */
  readonly files: ReadonlyMap<string, string>;
}

export interface Check {
  readonly title: string;
  check(): Promise<void>;
}

interface Bed extends AsyncDisposable {
  readonly host: EngineHost;
  readonly image: ResolvedImage;
  /** Beneath `/many`. */
  readonly files: ReadonlyMap<string, string>;
  readonly id: ContainerId;
}

const lasting = { brief: false };
const words = (changes: Awaited<ReturnType<Snapshotter["changes"]>>) =>
  changes.map(({ kind, path }) => `${kind} ${path}`);

export function snapshotterContract(snapshots: Snapshotter, sample: Sample): readonly Check[] {
  const each = (title: string, work: (bed: Bed) => Promise<void>): Check => ({
    title: `${snapshots.driver}: ${title}`,
    async check() {
      await using opened = await bed(sample);
      await work(opened);
    },
  });
  const made = async ({ host, id, image }: Bed) => {
    await snapshots.prepare(host, image);
    await snapshots.make(host, id, image, lasting);
  };
  return [
    each("an image is prepared once, and doing it again changes nothing", async ({ host, image, files }) => {
      assert.equal(snapshots.isPrepared(host, image), false);
      for (let i = 0; i < 2; i++) {
        await snapshots.prepare(host, image);
        assert.equal(snapshots.isPrepared(host, image), true);
        assert.deepEqual(await filesIn(host, snapshots.image(host, image)), files);
      }
    }),
    each("a container begins with what the layers show together", async (b) => {
      await made(b);
      assert.deepEqual(await filesIn(b.host, snapshots.root(b.host, b.id, b.image)), b.files);
    }),
    each("what a container writes is in its root alone, and making it again keeps it", async (b) => {
      await made(b);
      const other = containerId(b.host.random);
      await snapshots.make(b.host, other, b.image, lasting);
      await change(b.host, snapshots.root(b.host, b.id, b.image));
      await snapshots.make(b.host, b.id, b.image, lasting);
      const own = await filesIn(b.host, snapshots.root(b.host, b.id, b.image));
      assert.equal(own.get("new"), "");
      assert.equal(own.has("shared"), false);
      assert.deepEqual(await filesIn(b.host, snapshots.root(b.host, other, b.image)), b.files);
      assert.deepEqual(await filesIn(b.host, snapshots.image(b.host, b.image)), b.files);
    }),
    each(
      "changes are told as Docker tells them, and of a container that was never made there are none",
      async (b) => {
        await snapshots.prepare(b.host, b.image);
        const changes = () => snapshots.changes(b.host, b.id, b.image);
        assert.deepEqual(await changes(), []);
        await snapshots.make(b.host, b.id, b.image, lasting);
        assert.deepEqual(await changes(), []);
        await change(b.host, snapshots.root(b.host, b.id, b.image));
        assert.deepEqual(words(await changes()), [
          "modified /etc",
          "modified /etc/passwd",
          "modified /many",
          "added /many/added",
          "added /many/added/inside",
          "deleted /many/folder-1",
          "added /many/link",
          "added /many/new",
          "deleted /many/shared",
        ]);
      },
    ),
    each("what was written is counted in bytes", async (b) => {
      await made(b);
      const before = await snapshots.written(b.host, b.id, b.image);
      await inRoot(b.host, snapshots.root(b.host, b.id, b.image), (p, root) => {
        p.call("make a file", "mknodat", [root, "many/large", F.S_IFREG | 0o600, 0]);
        p.call("open it", "openat", [root, "many/large", F.O_WRONLY | F.O_CLOEXEC, 0], { slot: root });
        p.call("give it a size", "ftruncate", [root, 12345]);
      });
      assert.equal((await snapshots.written(b.host, b.id, b.image)) - before, 12345);
    }),
    each("only root may enter what containers have, and nothing lies beside it", async (b) => {
      await made(b);
      assert.deepEqual(readdirSync(paths.containers(b.host.roots)), [b.id]);
      for (const folder of [paths.layers(b.host.roots), paths.merged(b.host.roots)])
        assert.deepEqual(
          namesIn(folder).filter((name) => name.startsWith(".")),
          [],
        );
    }),
  ];
}

async function bed({ archive, files }: Sample): Promise<Bed> {
  const folder = mkdtempSync(join(tmpdir(), "brig-snapshot-"));
  const host = openHost({
    roots: rootsOf(folder, join(folder, "run")),
    shim: shimPath(),
    self: ["/bin/false"],
    random: (size) => randomBytes(size),
    now: Date.now,
    warn: (message) => assert.fail(message),
  });
  const [loaded] = await loadArchive(host.images, inPieces(archive, 100_000));
  const platform = { os: "linux", architecture: "amd64" };
  return {
    host,
    files,
    image: resolveImage(host.images, loaded!.target, platform),
    id: containerId(host.random),
    [Symbol.asyncDispose]: async () => {
      host.database[Symbol.dispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** One of everything that `diff` tells. */
async function change(host: EngineHost, source: RootSource): Promise<void> {
  await inRoot(host, source, (p, root) => {
    const at = (why: string, name: Parameters<ProgramBuilder["call"]>[1], ...args: (string | number)[]) =>
      p.call(why, name, [root, ...args]);
    at("add a file", "mknodat", "many/new", F.S_IFREG | 0o644, 0);
    at("add a folder", "mkdirat", "many/added", 0o755);
    at("add a file to it", "mknodat", "many/added/inside", F.S_IFREG | 0o644, 0);
    p.call("add a link", "symlinkat", ["new", root, "many/link"]);
    at("remove a file", "unlinkat", "many/shared", 0);
    at("remove what a folder has", "unlinkat", "many/folder-1/1", 0);
    at("remove what a folder has", "unlinkat", "many/folder-1/251", 0);
    at("remove the folder", "unlinkat", "many/folder-1", F.AT_REMOVEDIR);
    at("give a file to another owner", "fchownat", "etc/passwd", 5, 5, 0);
  });
}

async function inRoot(
  host: EngineHost,
  source: RootSource,
  write: (p: ProgramBuilder, root: Slot) => void,
): Promise<void> {
  await entered(host, source, false, async (executor, root) => {
    const p = new ProgramBuilder();
    write(p, root);
    await executor.run(p.instructions);
  });
}

/** Beneath `/many`: path to content. */
async function filesIn(host: EngineHost, source: RootSource): Promise<ReadonlyMap<string, string>> {
  return entered(host, source, true, async (executor, root, lowest) => {
    const session = new FileSession(executor, lowest);
    const tree = new TreeArchive(session, session.side(root.fd), { xattrs: "all" });
    const all = await readAll(tree.contents());
    return new Map(
      all
        .filter(({ header: { kind, path } }) => kind === "file" && path.startsWith("many/"))
        .map(({ header: { path }, body }) => [path.slice(5), body.toString()] as const)
        .sort(),
    );
  });
}

async function entered<T>(
  host: EngineHost,
  source: RootSource,
  readOnly: boolean,
  work: (executor: Executor, root: Slot, lowest: readonly [number, number]) => Promise<T>,
): Promise<T> {
  const executor = Executor.start({ shim: host.shim });
  try {
    const { slots } = executor;
    const lowest = [slots.slot("file").fd, slots.slot("copy").fd] as const;
    const root = slots.slot("root");
    const scratch = [slots.slot("scratch"), slots.slot("scratch")] as const;
    const view = { mounts: [], readOnly };
    await executor.run(enterStopped(source, host.facts.kernel, { root, scratch }, view));
    return await work(executor, root, lowest);
  } finally {
    await endExecutor(executor);
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
