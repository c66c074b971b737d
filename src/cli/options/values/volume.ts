/** `--volume [SOURCE:]TARGET[:MODES]`: a host path, the name of a volume, or nothing for an anonymous volume. */

import { resolve } from "node:path";
import { parseVolume } from "../../../docker/text/volume.ts";
import type { MountSpec } from "../../../engine/container/spec.ts";
import { listOf } from "../../flags/types/text.ts";

const mounts = listOf(parseVolume, { whole: true });

/** What is said twice counts once. */
export const volumeList: typeof mounts = {
  ...mounts,
  read: (text, before = []) => {
    const mount = parseVolume(text);
    const said = before.some((other) => JSON.stringify(other) === JSON.stringify(mount));
    return said ? before : [...before, mount];
  },
};

/** A source that begins with a dot is a path from the caller's directory, as the shell would read it. */
export function absoluteSource<M extends MountSpec>(mount: M, directory: string): M {
  return mount.kind === "bind" && mount.source.startsWith(".")
    ? { ...mount, source: resolve(directory, mount.source) }
    : mount;
}
