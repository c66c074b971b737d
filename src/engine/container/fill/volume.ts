/**
 * A volume that is empty when a container first has it gets what the image has at that place, as with Docker: owners,
 * modes, attributes, links and times included.
 *
 *   .fill-NAME-RANDOM    being copied; whoever finds one whose copier is gone throws it away
 *   .full-NAME           complete, on the disk; whoever finds it brings it to its place, once more if need be
 *   NAME                 the volume: where it was not there it appears at once, in one that other containers have
 *                        mounted already its names appear one after the other
 *
 * Invariant: content reaches a volume only from a complete copy, so that one that is interrupted at any moment is never
 * taken for filled, and nothing that a container wrote is ever replaced or removed.
 */

import { existsSync, mkdirSync, opendirSync, readdirSync, rmdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { BrigError } from "../../../base/errors.ts";
import type { HostPath } from "../../../base/ids.ts";
import { removeTree } from "../../../image/layers/session-tree.ts";
import type { EngineHost } from "../../host.ts";
import { paths, type Roots } from "../../roots.ts";
import { lock } from "../../store/lock.ts";
import { copyFromImage, type ImageFolder } from "./image.ts";
import { settleFill } from "./settle.ts";

export interface VolumeFill {
  readonly name: string;
  /** Absent when it is only to be brought to an end what another one has begun. */
  readonly from?: ImageFolder;
  /** It goes with its container: a power cut need not be thought of. */
  readonly brief: boolean;
}

/** Whether there may be something to do; a cheap look. */
export function needsFill(roots: Roots, name: string, isFirst: boolean): boolean {
  return existsSync(completeCopy(roots, name)) || (isFirst && isEmpty(paths.volume(roots, name)));
}

/** Of several brigs one does it, and the others wait for it, however long that takes. */
export async function fillVolume(host: EngineHost, { name, from, brief }: VolumeFill): Promise<void> {
  const { roots } = host;
  using _ = await lock(host, fillLock(name), Number.POSITIVE_INFINITY);
  const volume = paths.volume(roots, name);
  const settlement = { volume, complete: completeCopy(roots, name), durable: !brief };
  await throwAwayDrafts(host, name);
  if (existsSync(settlement.complete)) return settleFill(host, settlement);
  if (!from || !isEmpty(volume)) return;
  refuseOtherDisk(roots, name);
  const draft = newDraft(host, name);
  mkdirSync(draft, { mode: 0o755 });
  try {
    if (await copyFromImage(host, from, draft)) await settleFill(host, { ...settlement, draft });
    else rmdirSync(draft);
  } catch (error) {
    await throwAwayDrafts(host, name).catch(() => {}); // the next one does it
    throw error;
  }
}

export const fillLock = (name: string) => `volume ${name}`;

export const completeCopy = (roots: Roots, name: string) =>
  join(paths.volumes(roots), `.full-${name}`) as HostPath;

function newDraft(host: EngineHost, name: string): HostPath {
  const random = Buffer.from(host.random(4)).toString("hex");
  return join(paths.volumes(host.roots), `.fill-${name}-${random}`) as HostPath;
}

/** The volume that an incomplete copy is for. */
const draftOf = (name: string) => /^\.fill-(.+)-[0-9a-f]{8}$/.exec(name)?.[1];

/** The volume that a copy of this name is for, be it complete or not. */
export const copyOf = (name: string) => draftOf(name) ?? /^\.full-(.+)$/.exec(name)?.[1];

/** Whoever was making one is gone when it may be called: it takes the lock, or that nobody has the volume. */
export async function throwAwayDrafts(host: EngineHost, name: string): Promise<void> {
  const folder = paths.volumes(host.roots);
  for (const each of namesIn(folder))
    if (draftOf(each) === name) await removeTree(host.shim, join(folder, each) as HostPath);
}

/** Nothing can be renamed into a volume that somebody has mounted a disk on. */
function refuseOtherDisk(roots: Roots, name: string): void {
  const volume = statSync(paths.volume(roots, name), { throwIfNoEntry: false });
  if (volume && volume.dev !== statSync(paths.volumes(roots)).dev)
    throw new BrigError(
      "unsupported",
      `cannot fill the volume ${name} from the image: another disk is mounted there; fill it yourself, or mount it with nocopy`,
    );
}

function isEmpty(folder: HostPath): boolean {
  try {
    const directory = opendirSync(folder);
    try {
      return directory.readSync() === null;
    } finally {
      directory.closeSync();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return true;
    throw error;
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // There never was a volume.
  }
}
