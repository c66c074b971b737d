/** The service as a program: its sockets, and its end. */

import { once } from "node:events";
import { chmodSync, chownSync, mkdirSync, readFileSync, unlinkSync } from "node:fs";
import { connect, type Server as Listener } from "node:net";
import { dirname, join } from "node:path";
import { BrigError } from "../base/errors.ts";
import { Service } from "./service.ts";

export interface ServeOptions {
  readonly root: string;
  readonly runRoot: string;
  readonly storageDriver: string | undefined;
  readonly self: readonly string[];
  readonly hosts: readonly string[];
  readonly group: string | undefined;
  readonly log: (message: string) => void;
}

const endings = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

/** Resolves with the exit code when a signal has ended it. Containers go on. */
export async function serve({ hosts, group, log, ...engine }: ServeOptions): Promise<number> {
  // A client that goes away in the middle of a write is told by the write.
  process.on("SIGPIPE", () => {});
  const ended = new Promise<void>((resolve) => {
    for (const signal of endings) process.on(signal, () => resolve());
  });
  await using service = new Service({ ...engine, log });
  const wanted = hosts.length > 0 ? hosts : [`unix://${join(engine.runRoot, "brig.sock")}`];
  for (const host of wanted) {
    await service.listen(listenerOf(host, group));
    log(`API listen on ${host}`);
  }
  await ended;
  return 0;
}

function listenerOf(host: string, group: string | undefined): (listener: Listener) => Promise<void> {
  const [, scheme, rest = ""] = /^([a-z]+):\/\/(.*)$/.exec(host) ?? [];
  switch (scheme) {
    case "unix":
      return (listener) => listenUnix(listener, rest, group);
    case "fd":
      return listenInherited;
    case "tcp":
      throw new BrigError(
        "unsupported",
        `cannot listen on ${host}: whoever reaches the API is root here, and without TLS anybody could; use unix://`,
      );
    default:
      throw new BrigError("invalid", `cannot listen on ${host}: write unix://PATH or fd://`);
  }
}

/** For root, and the group if one is named: whoever may write to the socket is root on this host. */
async function listenUnix(listener: Listener, path: string, group: string | undefined): Promise<void> {
  if (!path.startsWith("/"))
    throw new BrigError("invalid", `cannot listen on unix://${path}: not an absolute path`);
  mkdirSync(dirname(path), { recursive: true, mode: 0o711 });
  await removeStale(path);
  const gid = group === undefined ? 0 : groupId(group);
  // There from the first moment on, not put right afterwards.
  const before = process.umask(0o177);
  try {
    listener.listen(path);
  } finally {
    process.umask(before);
  }
  await once(listener, "listening");
  chownSync(path, 0, gid);
  chmodSync(path, group === undefined ? 0o600 : 0o660);
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

/** The first socket that systemd hands over (sd_listen_fds(3)). */
const firstInherited = 3;

async function listenInherited(listener: Listener): Promise<void> {
  const { LISTEN_FDS: count, LISTEN_PID: pid } = process.env;
  if (!count || Number(count) < 1 || Number(pid) !== process.pid)
    throw new BrigError(
      "invalid",
      "cannot listen on fd://: no socket was handed over (LISTEN_FDS, LISTEN_PID)",
    );
  listener.listen({ fd: firstInherited });
  await once(listener, "listening");
}
