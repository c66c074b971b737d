/** From one open file to another, inside the kernel. */

import { errnoNumber } from "../../kernel/errno.ts";
import { type CallList, callNumbers, pointer1 } from "../../kernel/program/call-list.ts";

const numbers = callNumbers("fgetxattr", "fsetxattr", "ftruncate", "ioctl", "lseek", "sendfile");
const EINVAL = errnoNumber("EINVAL");
const [ENODATA, EOPNOTSUPP, EBADMSG, EPERM] = [61, 95, 74, 1] as const;

/** sendfile(2) moves a little less than 2 GiB at a time. */
const sentAtOnce = 1 << 30;

/** So many bytes, or what there is. */
export function sendContent(list: CallList, from: number, to: number, size: number): void {
  for (let left = size; left > 0; left -= sentAtOnce) send(list, from, to, Math.min(left, sentAtOnce));
}

/** What a file holds between its holes. */
export interface Extent {
  readonly offset: number;
  readonly size: number;
}

/** ioctl_ficlone(2) */
const FICLONE = 0x40049409;
/** The file system cannot, these two files cannot, or one of them is used for swapping. */
const cannotClone = (["EOPNOTSUPP", "EXDEV", "EINVAL", "ENOTTY", "EPERM", "ETXTBSY"] as const).map(
  errnoNumber,
);

/** All of a file into an empty one: its blocks are shared where the file system can, else holes stay holes. */
export function cloneContent(
  list: CallList,
  from: number,
  to: number,
  { size, extents }: { readonly size: number; readonly extents: readonly Extent[] },
): void {
  if (size === 0) return;
  list.call(numbers.ioctl, 0, to, FICLONE, from);
  const refused = cannotClone.map((errno) => list.branch(errno));
  const done = list.jump();
  for (const rule of refused) list.landRule(rule);
  for (const extent of extents) {
    for (const file of extent.offset === 0 ? [] : [from, to])
      list.call(numbers.lseek, 0, file, extent.offset, 0 /* SEEK_SET */);
    sendContent(list, from, to, extent.size);
  }
  list.call(numbers.ftruncate, 0, to, size);
  list.land(done);
}

/** A full disk takes a part, and says so only when it is asked again; of a file that has shrunk there is no more. */
function send(list: CallList, from: number, to: number, size: number): void {
  list.call(numbers.sendfile, 0, to, from, 0, size);
  list.expect(size);
  list.forgive(EINVAL); // It has become a fifo, of which nothing is read.
  const short = list.branch(EBADMSG);
  const done = list.jump();
  list.landRule(short);
  list.call(numbers.sendfile, 0, to, from, 0, size);
  list.forgive(EINVAL);
  list.land(done);
}

/** The one attribute that Docker copies: of a program, in 20 bytes, or 24 with the root user of a namespace. */
export function copyCapability(list: CallList, from: number, to: number): void {
  const name = list.text("security.capability");
  const value = list.room(24);
  list.call(numbers.fgetxattr, pointer1, from, name, 0, 24);
  list.writes(2, value);
  list.expect(20);
  const longer = list.branch(EBADMSG);
  const none = [ENODATA, EOPNOTSUPP].map((errno) => list.branch(errno));
  set(20);
  const done = list.jump();
  list.landRule(longer);
  set(24);
  list.land(done);
  for (const rule of none) list.landRule(rule);

  function set(size: number): void {
    list.call(numbers.fsetxattr, pointer1, to, name, 0, size, 0);
    list.writes(2, value);
    for (const errno of [EOPNOTSUPP, EPERM, EINVAL]) list.forgive(errno);
  }
}
