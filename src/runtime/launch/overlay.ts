/**
 * A detached overlay of folders (overlayfs.rst). Since Linux 6.8 each layer comes by a call of its own; before, all of
 * them in one string of mount(2), which holds a page with its NUL: where the layers' own names are too long for that,
 * links of one or two characters stand for them, in a tmpfs that is attached nowhere and goes with the process.
 */

import { join } from "node:path";
import type { HostPath } from "../../base/ids.ts";
import * as F from "../../kernel/abi/files.ts";
import * as M from "../../kernel/abi/mount.ts";
import { atLeast, type LaunchContext } from "./context.ts";

/** `base` is a directory that holds all others: old kernels take the layers relative to it. */
export interface OverlaySource {
  readonly kind: "overlay";
  readonly base: HostPath;
  /** Relative to `base`, uppermost first; at most `lowerLimit`. */
  readonly lower: readonly string[];
  /** What is written; absent for what can only be read, of at least two layers. */
  readonly written?: Written;
}

interface Written {
  readonly upper: string;
  readonly work: string;
}

/** fs/overlayfs, OVL_MAX_STACK. */
export const lowerLimit = 500;

/** mount(2) copies a page, whose last byte is NUL. */
const optionLimit = 4095;

export type OverlayOpener = Pick<LaunchContext, "opener" | "root" | "scratch" | "kernel">;

const from = "root.path";

/** Leaves the mount in the root's slot. */
export function openOverlay(c: OverlayOpener, source: OverlaySource): void {
  const { lower, written } = source;
  const p = c.opener;
  p.call("change to the image store", "chdir", [source.base], { from });
  if (atLeast(c.kernel, 6, 8)) makeOverlay(c, lower, written);
  else if (Buffer.byteLength(optionString(source)) <= optionLimit) mountOverlay(c, source);
  else {
    mountOverlay(c, linkAll(c, source));
    p.call("leave the folder of links", "chdir", [source.base], { from });
    p.close(c.scratch[1]);
  }
}

type Layers = Pick<OverlaySource, "lower" | "written">;

/** `lowerdir+` takes one layer a call, so that their number is not bounded by an option string. */
function makeOverlay(c: OverlayOpener, lower: readonly string[], written: Written | undefined): void {
  const p = c.opener;
  const context = c.scratch[0];
  const set = (key: string, value: string) =>
    p.call(`set the overlay's ${key}`, "fsconfig", [context, M.FSCONFIG_SET_STRING, key, value, 0], { from });
  p.call("make an overlay file system", "fsopen", ["overlay", M.FSOPEN_CLOEXEC], { slot: context, from });
  for (const layer of lower) set("lowerdir+", layer);
  if (written) {
    set("upperdir", written.upper);
    set("workdir", written.work);
  }
  p.call("create the overlay of the image's layers", "fsconfig", [context, M.FSCONFIG_CMD_CREATE, 0, 0, 0], {
    from,
  });
  p.call("mount the overlay", "fsmount", [context, M.FSMOUNT_CLOEXEC, 0], { slot: c.root, from });
  p.close(context);
}

function optionString({ lower, written }: Layers): string {
  const options = [`lowerdir=${lower.join(":")}`];
  if (written) options.push(`upperdir=${written.upper}`, `workdir=${written.work}`);
  return options.join(",");
}

function mountOverlay(c: OverlayOpener, layers: Layers): void {
  const p = c.opener;
  const options = optionString(layers);
  // The overlay has its layers in hand by then, so it may cover one of them for a moment: no directory is needed for it.
  const at = layers.written?.upper ?? layers.lower[0]!;
  p.call("mount the overlay of the image's layers", "mount", ["overlay", at, "overlay", 0, options], {
    from,
  });
  p.call("open the overlay", "open_tree", [F.AT_FDCWD, at, M.OPEN_TREE_CLONE | M.OPEN_TREE_CLOEXEC], {
    slot: c.root,
    from,
  });
  p.call("take the overlay off its place", "umount2", [at, M.MNT_DETACH], { from });
}

/** Becomes the working directory, in which the overlay's folders have short names; open in the second scratch slot. */
function linkAll(c: OverlayOpener, { base, lower, written }: OverlaySource): Layers {
  const p = c.opener;
  const [context, folder] = c.scratch;
  p.call("make a file system in memory for links", "fsopen", ["tmpfs", M.FSOPEN_CLOEXEC], {
    slot: context,
    from,
  });
  p.call("create it", "fsconfig", [context, M.FSCONFIG_CMD_CREATE, 0, 0, 0], { from });
  p.call("mount it where no path leads", "fsmount", [context, M.FSMOUNT_CLOEXEC, 0], { slot: folder, from });
  p.close(context);
  p.call("change to it", "fchdir", [folder], { from });
  const link = (name: string, path: string) => {
    p.call(`call ${path} ${name}`, "symlinkat", [join(base, path), F.AT_FDCWD, name], { from });
    return name;
  };
  const names = lower.map((path, i) => link(i.toString(36), path));
  if (!written) return { lower: names };
  return {
    lower: names,
    written: { upper: link("upper", written.upper), work: link("work", written.work) },
  };
}
