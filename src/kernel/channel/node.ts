/** Connections and children by Node's own modules, which are loaded when the first is made. */

import type { ChildProcess } from "node:child_process";
import type { Socket } from "node:net";
import type { Channel, Child, ChildOptions, Connection, Listener } from "./connection.ts";

export const nodeChannel: Channel = { start, connect };

function start({ program, args, name, stdio, directory, detached }: ChildOptions): Child {
  const child = process.getBuiltinModule("node:child_process").spawn(program, args, {
    stdio: [...stdio, "pipe"],
    detached,
    env: {},
    argv0: name,
    cwd: directory,
  });
  const socket = child.stdio[stdio.length] as Socket | null | undefined;
  const { pid } = child;
  // Of one that could not be started the reason comes too late to be told.
  child.on("error", (error) => pid === undefined || socket?.destroy(error));
  if (!socket || pid === undefined) throw new Error(`cannot execute ${program}`);
  if (detached) child.unref();
  return new NodeChild(child, pid, new NodeConnection(socket));
}

function connect(path: string): Promise<Connection> {
  const { promise, resolve, reject } = Promise.withResolvers<Connection>();
  const socket = process.getBuiltinModule("node:net").connect({ path });
  socket.once("error", reject);
  socket.once("connect", () => {
    socket.off("error", reject);
    resolve(new NodeConnection(socket));
  });
  return promise;
}

class NodeChild implements Child {
  readonly pid: number;
  readonly connection: Connection;
  readonly #child: ChildProcess;

  constructor(child: ChildProcess, pid: number, connection: Connection) {
    this.#child = child;
    this.pid = pid;
    this.connection = connection;
  }

  ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  async awaitEnd(): Promise<void> {
    if (this.ended()) return;
    this.#child.ref();
    await new Promise((resolve) => this.#child.once("exit", resolve));
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }
}

class NodeConnection implements Connection {
  readonly #socket: Socket;
  #ended = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  listen({ data, end }: Listener): void {
    const once = (error?: Error) => {
      if (this.#ended) return;
      this.#ended = true;
      end(error);
    };
    this.#socket.on("data", data);
    this.#socket.on("error", once);
    this.#socket.on("end", () => once());
    this.#socket.on("close", () => once());
  }

  write(bytes: Uint8Array): Promise<void> | undefined {
    if (this.#ended || this.#socket.write(bytes)) return undefined;
    return new Promise<void>((resolve) => {
      const done = () => {
        this.#socket.off("drain", done);
        this.#socket.off("close", done);
        resolve();
      };
      this.#socket.on("drain", done);
      this.#socket.on("close", done);
    });
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    this.#socket.end();
  }

  destroy(error?: Error): void {
    this.#socket.destroy(error);
  }

  unref(): void {
    this.#socket.unref();
  }
}
