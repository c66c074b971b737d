/** How the arguments of system calls are shown: names for flags, as strace(1) has them. */

import type { Argument } from "./argument.ts";

/** One argument as text. */
export function argumentText(name: string, index: number, argument: Argument): string {
  if (typeof argument === "string") return JSON.stringify(argument);
  if (argument instanceof Uint8Array) return bytesText(argument);
  if (typeof argument === "object") {
    if (argument.kind === "slot") return `${argument.fd}<${argument.name}>`;
    return argument.kind === "struct" ? argument.text : `buffer[${argument.size}]`;
  }
  const decode = signatures[name]?.[index];
  return decode ? decode(BigInt(argument)) : String(argument);
}

const shownBytes = 64;

function bytesText(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString("latin1");
  const printable = /^[\x20-\x7e\n\t]*$/.test(text);
  if (!printable) return `${bytes.length} bytes`;
  return text.length > shownBytes ? `${JSON.stringify(text.slice(0, shownBytes))}...` : JSON.stringify(text);
}

type Decoder = (value: bigint) => string;

function bits(table: Readonly<Record<string, number>>, zero = "0"): Decoder {
  return (value) => {
    let rest = value;
    const names: string[] = [];
    for (const [name, bit] of Object.entries(table)) {
      if (bit === 0 || (rest & BigInt(bit)) !== BigInt(bit)) continue;
      names.push(name);
      rest &= ~BigInt(bit);
    }
    if (rest !== 0n) names.push(`0x${rest.toString(16)}`);
    return names.length === 0 ? zero : names.join("|");
  };
}

function words(table: Readonly<Record<number, string>>): Decoder {
  return (value) => table[Number(value)] ?? String(value);
}

const directory: Decoder = (value) => (value === -100n ? "AT_FDCWD" : String(value));
const octal: Decoder = (value) => `0${value.toString(8)}`;

const arm = process.arch === "arm64";
const openFlags = bits(
  {
    O_WRONLY: 1,
    O_RDWR: 2,
    O_CREAT: 0o100,
    O_EXCL: 0o200,
    O_NOCTTY: 0o400,
    O_TRUNC: 0o1000,
    O_APPEND: 0o2000,
    O_NONBLOCK: 0o4000,
    O_DIRECTORY: arm ? 0o40000 : 0o200000,
    O_NOFOLLOW: arm ? 0o100000 : 0o400000,
    O_CLOEXEC: 0o2000000,
    O_PATH: 0o10000000,
  },
  "O_RDONLY",
);
const treeFlags = bits({
  OPEN_TREE_CLONE: 1,
  OPEN_TREE_CLOEXEC: 0o2000000,
  AT_RECURSIVE: 0x8000,
  AT_EMPTY_PATH: 0x1000,
});
const atFlags = bits({
  AT_SYMLINK_NOFOLLOW: 0x100,
  AT_REMOVEDIR: 0x200,
  AT_EMPTY_PATH: 0x1000,
  AT_RECURSIVE: 0x8000,
});
const mountAttributes = bits({
  MOUNT_ATTR_RDONLY: 1,
  MOUNT_ATTR_NOSUID: 2,
  MOUNT_ATTR_NODEV: 4,
  MOUNT_ATTR_NOEXEC: 8,
  MOUNT_ATTR_NOATIME: 0x10,
  MOUNT_ATTR_STRICTATIME: 0x20,
  MOUNT_ATTR_NODIRATIME: 0x80,
});
const mountFlags = bits({
  MS_REC: 0x4000,
  MS_PRIVATE: 1 << 18,
  MS_SLAVE: 1 << 19,
  MS_SHARED: 1 << 20,
  MS_MOVE: 8192,
});
const cloneFlags = bits({
  CLONE_NEWTIME: 0x80,
  CLONE_NEWNS: 0x20000,
  CLONE_NEWCGROUP: 0x2000000,
  CLONE_NEWUTS: 0x4000000,
  CLONE_NEWIPC: 0x8000000,
  CLONE_NEWUSER: 0x10000000,
  CLONE_NEWPID: 0x20000000,
  CLONE_NEWNET: 0x40000000,
});
const moveFlags = bits({ MOVE_MOUNT_F_EMPTY_PATH: 4, MOVE_MOUNT_T_EMPTY_PATH: 0x40 });
const prctl = words({
  1: "PR_SET_PDEATHSIG",
  8: "PR_SET_KEEPCAPS",
  24: "PR_CAPBSET_DROP",
  38: "PR_SET_NO_NEW_PRIVS",
  47: "PR_CAP_AMBIENT",
});
const fsconfig = words({
  0: "FSCONFIG_SET_FLAG",
  1: "FSCONFIG_SET_STRING",
  5: "FSCONFIG_SET_FD",
  6: "FSCONFIG_CMD_CREATE",
});
const family = words({ 1: "AF_UNIX", 2: "AF_INET", 10: "AF_INET6", 16: "AF_NETLINK" });
const socketType: Decoder = (value) =>
  `${words({ 1: "SOCK_STREAM", 2: "SOCK_DGRAM", 3: "SOCK_RAW" })(value & 0xfn)}${value & 0x80000n ? "|SOCK_CLOEXEC" : ""}`;

/** By call and position; what is not listed is shown as a number. */
const signatures: Readonly<Record<string, readonly (Decoder | undefined)[]>> = {
  openat: [directory, undefined, openFlags, octal],
  open_tree: [directory, undefined, treeFlags],
  move_mount: [directory, undefined, directory, undefined, moveFlags],
  fsopen: [undefined, bits({ FSOPEN_CLOEXEC: 1 })],
  fsconfig: [undefined, fsconfig],
  fsmount: [undefined, bits({ FSMOUNT_CLOEXEC: 1 }), mountAttributes],
  mount_setattr: [directory, undefined, atFlags],
  mount: [undefined, undefined, undefined, mountFlags],
  umount2: [undefined, bits({ MNT_DETACH: 2 })],
  mkdirat: [directory, undefined, octal],
  mknodat: [directory, undefined, octal],
  fchownat: [directory, undefined, undefined, undefined, atFlags],
  unlinkat: [directory, undefined, atFlags],
  statx: [directory, undefined, atFlags],
  umask: [octal],
  unshare: [cloneFlags],
  setns: [undefined, cloneFlags],
  prctl: [prctl],
  socket: [family, socketType],
  socketpair: [family, socketType],
  pipe2: [undefined, openFlags],
  dup3: [undefined, undefined, openFlags],
  faccessat: [directory, undefined, bits({ X_OK: 1 })],
  seccomp: [words({ 1: "SECCOMP_SET_MODE_FILTER" })],
  waitid: [words({ 3: "P_PIDFD" })],
};
