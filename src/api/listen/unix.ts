/** A socket in the file system: for root, and for a group if one is named. Whoever may write to it is root on this host. */

import { once } from "node:events";
import { chmodSync, chownSync, mkdirSync, readFileSync, unlinkSync } from "node:fs";
import { connect, type Server } from "node:net";
import { dirname } from "node:path";
import { BrigError } from "../../base/errors.ts";
import type { Address } from "./address.ts";

/** Connections that wait to be taken; the kernel's own limit is 4096 (listen(2), somaxconn). */
export const backlog = 4096;

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
    listener.listen({ path, backlog });
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
  // A child that the killed one was about to start may hold its socket for a moment, and answers nobody.
  for (let tries = 0; ; tries++) {
    const found = await reached(path);
    if (found === "nobody") break;
    if (found === "somebody" || tries === patience)
      throw new BrigError("conflict", `cannot listen on unix://${path}: another service does already`, {
        code: "in-use",
      });
  }
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

/** How often a connection may be dropped, and the milliseconds in which whoever listens says something. */
const patience = 20;
const answerTimeout = 10_000;

function reached(path: string): Promise<"nobody" | "somebody" | "dropped"> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    const answered = () => {
      resolve("somebody");
      socket.destroy();
    };
    socket.setTimeout(answerTimeout, answered);
    socket.once("connect", () => socket.write("GET /_ping HTTP/1.0\r\n\r\n"));
    socket.once("data", answered);
    socket.once("close", () => resolve("dropped"));
    socket.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ECONNREFUSED") resolve("nobody");
      else if (error.code === "ECONNRESET" || error.code === "EPIPE") resolve("dropped");
      else reject(error);
    });
  });
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
