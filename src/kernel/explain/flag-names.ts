/** Names for the bits of flags, as strace(1) has them. */

export type Decoder = (value: bigint) => string;

/** Of a set of flags. */
export type FlagNames = (value: bigint | number) => string;

export function bits(table: Readonly<Record<string, number>>, zero = "0"): FlagNames {
  return (value) => {
    let rest = BigInt.asUintN(64, BigInt(value));
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

const arm = process.arch === "arm64";
/** O_…, which partly differ between the architectures. */
export const openFlags = bits(
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
/** MOUNT_ATTR_…. */
export const mountAttributes = bits({
  MOUNT_ATTR_RDONLY: 1,
  MOUNT_ATTR_NOSUID: 2,
  MOUNT_ATTR_NODEV: 4,
  MOUNT_ATTR_NOEXEC: 8,
  MOUNT_ATTR__ATIME: 0x70,
  MOUNT_ATTR_NOATIME: 0x10,
  MOUNT_ATTR_STRICTATIME: 0x20,
  MOUNT_ATTR_NODIRATIME: 0x80,
  MOUNT_ATTR_IDMAP: 0x100000,
  MOUNT_ATTR_NOSYMFOLLOW: 0x200000,
});
/** MS_…, of which those that change how a mount propagates are of use here. */
export const mountFlags = bits({
  MS_BIND: 4096,
  MS_MOVE: 8192,
  MS_REC: 0x4000,
  MS_UNBINDABLE: 1 << 17,
  MS_PRIVATE: 1 << 18,
  MS_SLAVE: 1 << 19,
  MS_SHARED: 1 << 20,
});
/** CLONE_…. */
export const cloneFlags = bits({
  CLONE_NEWTIME: 0x80,
  CLONE_PIDFD: 0x1000,
  CLONE_NEWNS: 0x20000,
  CLONE_NEWCGROUP: 0x2000000,
  CLONE_NEWUTS: 0x4000000,
  CLONE_NEWIPC: 0x8000000,
  CLONE_NEWUSER: 0x10000000,
  CLONE_NEWPID: 0x20000000,
  CLONE_NEWNET: 0x40000000,
  CLONE_INTO_CGROUP: 0x200000000,
});
