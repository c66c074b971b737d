/** A socket in the file system: for root, and for a group if one is named. Whoever may write to it is root on this host. */

import { once } from "node:events";
import { chmodSync, chownSync, mkdirSync, readFileSync, unlinkSync } from "node:fs";
import { connect, type Server } from "node:net";
import { dirname } from "node:path";
import { BrigError } from "../../base/errors.ts";
import type { Address } from "./address.ts";

export async function listenUnix(
  { path, group, mode = group === undefined ? 0o600 : 0o660 }: Address & { readonly kind: "unix" },
  listener: Server,
): Promise<Server> {
  const gid = group === undefined ? 0 : groupId(group);
  mkdirSync(dirname(path), { recursive: true, mode: 0o711 });
  await removeStale(path);
  // There from the first moment on, not put right afterwards.
  const before = process.umask(0o177);
  try {
    listener.listen(path);
  } finally {
    process.umask(before);
  }
  await once(listener, "listening");
  chownSync(path, 0, gid);
  chmodSync(path, mode);
  return listener;
}

/** The socket of a service that was killed; one that answers is another's. */
async function removeStale(path: string): Promise<void> {
  const reached = await new Promise<boolean>((resolve, reject) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ECONNREFUSED") resolve(false);
      else reject(error);
    });
  });
  if (reached)
    throw new BrigError("conflict", `cannot listen on unix://${path}: another service does already`, {
      code: "in-use",
    });
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

function groupId(name: string): number {
  if (/^\d+$/.test(name)) return Number(name);
  const line = readFileSync("/etc/group", "utf8")
    .split("\n")
    .find((entry) => entry.startsWith(`${name}:`));
  const gid = line?.split(":")[2];
  if (gid === undefined)
    throw new BrigError("not-found", `cannot give the socket to group ${name}: there is none`);
  return Number(gid);
}
