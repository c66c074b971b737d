/** Structures of unix(7) and cmsg(3) as constants of a program. */

import { BrigError } from "../../base/errors.ts";
import { AF_UNIX } from "../abi/socket.ts";
import { pointer, type Slot, type Struct, struct, u32, u64 } from "./argument.ts";

/** `sun_path` with its NUL. */
const pathMax = 107;

/** `struct sockaddr_un`; a longer path has no address (unix(7)). */
export function unixAddress(path: string): Struct {
  const bytes = Buffer.from(path);
  if (bytes.length > pathMax)
    throw new BrigError("invalid", `cannot use the socket ${path}: its path is longer than ${pathMax} bytes`);
  const address = Buffer.alloc(110);
  address.writeUInt16LE(AF_UNIX, 0);
  address.set(bytes, 2);
  return struct(`{sa_family=AF_UNIX, sun_path=${JSON.stringify(path)}}`, address);
}

/** `struct msghdr` of a message that carries one fd and `text` (SCM_RIGHTS). */
export function fdMessage(fd: Slot, text: string): Struct {
  const data = Buffer.from(text);
  const iovec = struct("", pointer(data), u64(data.length));
  // cmsg_len 20, SOL_SOCKET, SCM_RIGHTS, the fd, padding to eight bytes
  const control = struct("", u64(20), u32(1, 1, fd.fd, 0));
  return struct(
    `{msg_iov=[${JSON.stringify(text)}], msg_control=[{SOL_SOCKET, SCM_RIGHTS, [${fd.fd}]}]}`,
    u64(0, 0),
    pointer(iovec),
    u64(1),
    pointer(control),
    u64(24, 0),
  );
}
