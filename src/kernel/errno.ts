/** errno(3): the numbers x86-64 and arm64 share, and how strerror(3) puts them. */

export type ErrnoName = keyof typeof errnos;

export function errnoNumber(name: ErrnoName): number {
  return errnos[name][0];
}

/** The name of a number, or `errno N` for one that has none here. */
export function errnoName(number: number): string {
  for (const name in errnos) if (errnos[name as ErrnoName][0] === number) return name;
  return `errno ${number}`;
}

/** "no such file or directory": lower case, to stand after a colon. */
export function errnoText(number: number): string {
  for (const name in errnos) {
    const [known, text] = errnos[name as ErrnoName];
    if (known === number) return text;
  }
  return `errno ${number}`;
}

// biome-ignore format: a table
const errnos = {
  EPERM: [1, "operation not permitted"], ENOENT: [2, "no such file or directory"], ESRCH: [3, "no such process"],
  EINTR: [4, "interrupted system call"], EIO: [5, "input/output error"], ENXIO: [6, "no such device or address"],
  E2BIG: [7, "argument list too long"], ENOEXEC: [8, "exec format error"], EBADF: [9, "bad file descriptor"],
  ECHILD: [10, "no child processes"], EAGAIN: [11, "resource temporarily unavailable"], ENOMEM: [12, "cannot allocate memory"],
  EACCES: [13, "permission denied"], EFAULT: [14, "bad address"], ENOTBLK: [15, "block device required"],
  EBUSY: [16, "device or resource busy"], EEXIST: [17, "file exists"], EXDEV: [18, "invalid cross-device link"],
  ENODEV: [19, "no such device"], ENOTDIR: [20, "not a directory"], EISDIR: [21, "is a directory"],
  EINVAL: [22, "invalid argument"], ENFILE: [23, "too many open files in system"], EMFILE: [24, "too many open files"],
  ENOTTY: [25, "inappropriate ioctl for device"], ETXTBSY: [26, "text file busy"], EFBIG: [27, "file too large"],
  ENOSPC: [28, "no space left on device"], ESPIPE: [29, "illegal seek"], EROFS: [30, "read-only file system"],
  EMLINK: [31, "too many links"], EPIPE: [32, "broken pipe"], EDOM: [33, "numerical argument out of domain"],
  ERANGE: [34, "numerical result out of range"], ENAMETOOLONG: [36, "file name too long"], ENOSYS: [38, "function not implemented"],
  ENOTEMPTY: [39, "directory not empty"], ELOOP: [40, "too many levels of symbolic links"], ENODATA: [61, "no data available"],
  EPROTO: [71, "protocol error"], EBADMSG: [74, "unexpected result"], EOVERFLOW: [75, "value too large for defined data type"],
  EUSERS: [87, "too many users"], ENOTSOCK: [88, "socket operation on non-socket"], EMSGSIZE: [90, "message too long"],
  EPROTONOSUPPORT: [93, "protocol not supported"], EOPNOTSUPP: [95, "operation not supported"],
  EAFNOSUPPORT: [97, "address family not supported by protocol"], EADDRINUSE: [98, "address already in use"],
  EADDRNOTAVAIL: [99, "cannot assign requested address"], ENETDOWN: [100, "network is down"],
  ENETUNREACH: [101, "network is unreachable"], ECONNRESET: [104, "connection reset by peer"],
  ENOBUFS: [105, "no buffer space available"], ENOTCONN: [107, "transport endpoint is not connected"],
  ETIMEDOUT: [110, "connection timed out"], ECONNREFUSED: [111, "connection refused"], EALREADY: [114, "operation already in progress"],
  ESTALE: [116, "stale file handle"], EDQUOT: [122, "disk quota exceeded"], ECANCELED: [125, "operation canceled"],
  ENOKEY: [126, "required key not available"],
} as const satisfies Readonly<Record<string, readonly [number, string]>>;
