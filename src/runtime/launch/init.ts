/**
 * `--init`: a copy of the executor's own program, which as `docker-init` is an init (native/init.c), in the container.
 *
 * It is a copy, alone on a read-only file system in memory that is the container's own: whoever gets hold of
 * /proc/1/exe there can change nothing of the host's (CVE-2019-5736), and sees nothing of it.
 */

import * as F from "../../kernel/abi/files.ts";
import * as M from "../../kernel/abi/mount.ts";
import type { LaunchContext } from "./context.ts";
import { setAttributes } from "./rootfs.ts";
import { attach, openTarget } from "./target.ts";
import { makeTmpfs } from "./tmpfs.ts";

/** Below /dev, which is the container's own: nothing is written to the image's folders. */
const folder = "/dev/init";
const name = "docker-init";

/** What the container's first process is, followed by the command. */
export const initCommand: readonly string[] = [`${folder}/${name}`, "--"];

/** `size`: bytes of the program. */
export function installInit(c: LaunchContext, { size }: { readonly size: number }): void {
  const p = c.child;
  const from = "--init";
  const [target, scratch] = c.scratch;
  const tree = c.slots.slot("file system of the init");
  const program = c.slots.slot("this program");
  const copy = c.slots.slot("copy of this program");
  makeTmpfs(c, tree, "555", M.MOUNT_ATTR_NOSUID | M.MOUNT_ATTR_NODEV, from);
  p.call("open this program", "openat", [c.proc, "self/exe", F.O_RDONLY | F.O_CLOEXEC, 0], {
    slot: program,
    from,
  });
  p.call(
    "make a file for a copy of it",
    "openat",
    [tree, name, F.O_WRONLY | F.O_CREAT | F.O_EXCL | F.O_CLOEXEC, 0o555],
    {
      slot: copy,
      from,
    },
  );
  p.call("copy it", "sendfile", [copy, program, 0, size], { expect: size, from });
  p.close(copy);
  p.close(program);
  setAttributes(p, tree, { set: M.MOUNT_ATTR_RDONLY }, "let nobody change it", from);
  openTarget(p, { root: c.root, path: folder, into: target, kind: "directory", scratch, from });
  attach(p, tree, target, `mount it at ${folder}`, { from });
  p.close(tree);
  p.close(target);
}
