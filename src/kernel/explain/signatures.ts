/** How the arguments of system calls are shown: names for flags, as strace(1) has them. */

import { S_IFBLK, S_IFCHR, S_IFIFO, S_IFREG } from "../abi/files.ts";
import { rlimitNumbers } from "../abi/process.ts";
import { capabilityNames } from "../capabilities.ts";
import { type Argument, structText } from "../program/argument.ts";
import { bits, cloneFlags, type Decoder, mountAttributes, mountFlags, openFlags } from "./flag-names.ts";

/** The arguments of a call as text; zeroes that prctl(2) does not look at are left out. */
export function argumentTexts(name: string, args: readonly Argument[]): readonly string[] {
  const texts = args.map((argument, i) => argumentText(name, i, argument));
  if (name !== "prctl") return texts;
  const [option, second] = [Number(args[0]), Number(args[1])];
  const named = [texts[0]!, prctlSecond[option]?.(BigInt(second)) ?? texts[1]!, ...texts.slice(2)];
  if (option === PR_CAP_AMBIENT && second === PR_CAP_AMBIENT_RAISE)
    named[2] = capability(BigInt(Number(args[2])));
  const last = named.findLastIndex((_, i) => args[i] !== 0);
  return named.slice(0, Math.max(last + 1, option === PR_SET_PDEATHSIG ? 2 : 1));
}

function argumentText(name: string, index: number, argument: Argument): string {
  if (typeof argument === "string") return JSON.stringify(argument);
  if (argument instanceof Uint8Array) return name === "bind" ? addressText(argument) : bytesText(argument);
  if (typeof argument === "object") {
    if (argument.kind === "slot") return `${argument.fd}<${argument.name}>`;
    return argument.kind === "struct" ? structText(argument) : `buffer[${argument.size}]`;
  }
  const decode = signatures[name]?.[index];
  return decode ? decode(BigInt(argument)) : String(argument);
}

/** `struct sockaddr_in` and `sockaddr_in6` (ip(7), ipv6(7)). */
function addressText(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const port = view.getUint16(2);
  if (view.getUint16(0, true) === 2)
    return `{sa_family=AF_INET, sin_port=htons(${port}), sin_addr=${bytes.subarray(4, 8).join(".")}}`;
  const groups = Array.from({ length: 8 }, (_, i) => view.getUint16(8 + i * 2).toString(16));
  return `{sa_family=AF_INET6, sin6_port=htons(${port}), sin6_addr=${groups.join(":")}}`;
}

const shownBytes = 64;

function bytesText(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString("latin1");
  const printable = /^[\x20-\x7e\n\t]*$/.test(text);
  if (!printable) return `${bytes.length} bytes`;
  return text.length > shownBytes ? `${JSON.stringify(text.slice(0, shownBytes))}...` : JSON.stringify(text);
}

function words(table: Readonly<Record<number, string>>): Decoder {
  return (value) => table[Number(value)] ?? String(value);
}

const directory: Decoder = (value) => (value === -100n ? "AT_FDCWD" : String(value));
const octal: Decoder = (value) => (value === 0n ? "0" : `0${value.toString(8)}`);
const hex: Decoder = (value) => `0x${value.toString(16)}`;
/** What is a number where memory is expected. */
const memory: Decoder = (value) => (value === 0n ? "NULL" : hex(value));
/** An id that chown(2) leaves as it is. */
const id: Decoder = (value) => (value === 0xffffffffn ? "-1" : String(value));

const PR_SET_PDEATHSIG = 1;
const PR_CAP_AMBIENT = 47;
const PR_CAP_AMBIENT_RAISE = 2;

const capability: Decoder = (value) => capabilityNames[Number(value)] ?? String(value);
const prctlSecond: Readonly<Record<number, Decoder>> = {
  [PR_SET_PDEATHSIG]: words({ 0: "0", 9: "SIGKILL" }),
  24: capability,
  28: words({ 4: "SECBIT_NO_SETUID_FIXUP" }),
  [PR_CAP_AMBIENT]: words({ [PR_CAP_AMBIENT_RAISE]: "PR_CAP_AMBIENT_RAISE", 4: "PR_CAP_AMBIENT_CLEAR_ALL" }),
};

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
const moveFlags = bits({ MOVE_MOUNT_F_EMPTY_PATH: 4, MOVE_MOUNT_T_EMPTY_PATH: 0x40 });
const family = words({ 1: "AF_UNIX", 2: "AF_INET", 10: "AF_INET6", 16: "AF_NETLINK" });
const socketType: Decoder = (value) =>
  `${words({ 1: "SOCK_STREAM", 2: "SOCK_DGRAM", 3: "SOCK_RAW" })(value & 0xfn)}${value & 0x80000n ? "|SOCK_CLOEXEC" : ""}`;
const fileTypes: Readonly<Record<number, string>> = {
  [S_IFIFO]: "S_IFIFO",
  [S_IFCHR]: "S_IFCHR",
  [S_IFBLK]: "S_IFBLK",
  [S_IFREG]: "S_IFREG",
};
const nodeMode: Decoder = (value) =>
  `${fileTypes[Number(value & 0o170000n)] ?? octal(value & 0o170000n)}|${octal(value & 0o7777n)}`;
const device: Decoder = (value) =>
  `makedev(${Number((value >> 8n) & 0xfffn)}, ${Number((value & 0xffn) | ((value >> 12n) & 0xfff00n))})`;

/** By call and position; what is not listed is shown as a number. */
const signatures: Readonly<Record<string, readonly (Decoder | undefined)[]>> = {
  bpf: [
    words({
      5: "BPF_PROG_LOAD",
      8: "BPF_PROG_ATTACH",
      9: "BPF_PROG_DETACH",
      13: "BPF_PROG_GET_FD_BY_ID",
      16: "BPF_PROG_QUERY",
    }),
  ],
  close_range: [undefined, words({ 4294967295: "~0U" }), bits({ CLOSE_RANGE_CLOEXEC: 4 })],
  dup3: [undefined, undefined, bits({ O_CLOEXEC: 0o2000000 })],
  faccessat: [directory, undefined, bits({ X_OK: 1 }, "F_OK")],
  fchown: [undefined, id, id],
  fchownat: [directory, undefined, id, id, atFlags],
  fsconfig: [
    undefined,
    words({
      0: "FSCONFIG_SET_FLAG",
      1: "FSCONFIG_SET_STRING",
      5: "FSCONFIG_SET_FD",
      6: "FSCONFIG_CMD_CREATE",
    }),
    memory,
    memory,
  ],
  fsmount: [undefined, bits({ FSMOUNT_CLOEXEC: 1 }), mountAttributes],
  fsopen: [undefined, bits({ FSOPEN_CLOEXEC: 1 })],
  ioctl: [
    undefined,
    words({ 21518: "TIOCSCTTY", 21524: "TIOCSWINSZ", 1074025521: "TIOCSPTLCK", 21569: "TIOCGPTPEER" }),
    (value) => (value === 0n ? "0" : openFlags(value)),
  ],
  keyctl: [words({ 1: "KEYCTL_JOIN_SESSION_KEYRING", 5: "KEYCTL_SETPERM", 6: "KEYCTL_DESCRIBE" })],
  mkdirat: [directory, undefined, octal],
  mknodat: [directory, undefined, nodeMode, device],
  mount: [memory, undefined, memory, mountFlags, memory],
  mount_setattr: [directory, undefined, atFlags],
  move_mount: [directory, undefined, directory, undefined, moveFlags],
  open_tree: [directory, undefined, treeFlags],
  openat: [directory, undefined, openFlags, octal],
  openat2: [directory],
  pipe2: [undefined, bits({ O_CLOEXEC: 0o2000000 })],
  prctl: [
    words({
      [PR_SET_PDEATHSIG]: "PR_SET_PDEATHSIG",
      8: "PR_SET_KEEPCAPS",
      24: "PR_CAPBSET_DROP",
      28: "PR_SET_SECUREBITS",
      38: "PR_SET_NO_NEW_PRIVS",
      [PR_CAP_AMBIENT]: "PR_CAP_AMBIENT",
    }),
  ],
  prlimit64: [
    undefined,
    words(Object.fromEntries(Object.entries(rlimitNumbers).map(([name, number]) => [number, name]))),
    undefined,
    memory,
  ],
  seccomp: [
    words({ 1: "SECCOMP_SET_MODE_FILTER" }),
    bits({
      SECCOMP_FILTER_FLAG_LOG: 2,
      SECCOMP_FILTER_FLAG_SPEC_ALLOW: 4,
      SECCOMP_FILTER_FLAG_NEW_LISTENER: 8,
      SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV: 32,
    }),
  ],
  sendfile: [undefined, undefined, memory],
  sendmsg: [undefined, undefined, bits({ MSG_NOSIGNAL: 0x4000 })],
  setgroups: [undefined, memory],
  setns: [undefined, cloneFlags],
  setresgid: [id, id, id],
  setresuid: [id, id, id],
  socket: [family, socketType],
  socketpair: [family, socketType],
  statx: [directory, undefined, atFlags, hex],
  symlinkat: [undefined, directory],
  umask: [octal],
  umount2: [undefined, bits({ MNT_DETACH: 2 })],
  unlinkat: [directory, undefined, atFlags],
  unshare: [cloneFlags],
  waitid: [words({ 3: "P_PIDFD" }), undefined, undefined, bits({ WEXITED: 4 }), memory],
};
