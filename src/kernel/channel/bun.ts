/** Connections and children by Bun's own calls: no module has to be loaded for them. */

import type { Channel, Child, ChildOptions, Connection, Listener } from "./connection.ts";

export function bunChannel(bun: Bun): Channel {
  return {
    start: (options) => start(bun, options),
    connect: (path) => new BunConnection().opened((socket) => bun.connect({ unix: path, socket })),
  };
}

/** As much of https://bun.sh/reference/bun as is used. */
export interface Bun {
  spawn(
    command: readonly string[],
    options: {
      readonly stdio: readonly ("inherit" | "ignore" | "pipe" | number)[];
      readonly detached: boolean;
      readonly env: Readonly<Record<string, string>>;
      readonly argv0: string;
      readonly cwd: string;
    },
  ): BunProcess;
  connect(
    options: ({ readonly unix: string } | { readonly fd: number }) & { readonly socket: BunHandler },
  ): Promise<BunSocket>;
}

interface BunProcess {
  readonly pid: number;
  readonly exitCode: number | null;
  readonly signalCode: string | null;
  readonly exited: Promise<number>;
  /** Those behind stderr are fds of this process, of socket pairs. */
  readonly stdio: readonly (number | null)[];
  kill(signal: string): void;
  ref(): void;
  unref(): void;
}

interface BunSocket {
  /** How many bytes the kernel has taken; `drain` tells when it takes more. -1 when it is closed. */
  write(bytes: Uint8Array): number;
  pause(): void;
  resume(): void;
  end(): void;
  terminate(): void;
  unref(): void;
}

interface BunHandler {
  open(socket: BunSocket): void;
  data(socket: BunSocket, bytes: Buffer): void;
  drain(socket: BunSocket): void;
  end(socket: BunSocket): void;
  close(socket: BunSocket, error?: Error): void;
  error(socket: BunSocket, error: Error): void;
}

function start(bun: Bun, { program, args, name, stdio, directory, detached }: ChildOptions): Child {
  const child = bun.spawn([program, ...args], {
    stdio: [...stdio, "pipe"],
    detached,
    env: {},
    argv0: name,
    cwd: directory,
  });
  // It is waited for by who asks: a command ends when its work does.
  child.unref();
  const connection = new BunConnection();
  const fd = child.stdio[stdio.length] as number;
  // A failure is told to its listener.
  connection.opened((socket) => bun.connect({ fd, socket })).catch(() => {});
  return {
    pid: child.pid,
    connection,
    ended: () => child.exitCode !== null || child.signalCode !== null,
    async awaitEnd() {
      child.ref();
      await child.exited;
    },
    kill: (signal) => child.kill(signal),
  };
}

class BunConnection implements Connection {
  #socket: BunSocket | undefined;
  #listener: Listener | undefined;
  /** What the kernel has not taken yet, in order. */
  #unwritten: Uint8Array[] = [];
  #written: PromiseWithResolvers<void> | undefined;
  #paused = false;
  #ending = false;
  #destroyed = false;
  #unreferenced = false;
  #ended = false;

  /** Resolves when it is open; what is written before waits. */
  async opened(open: (handler: BunHandler) => Promise<BunSocket>): Promise<Connection> {
    try {
      await open({
        open: (socket) => this.#opened(socket),
        data: (_, bytes) => this.#listener?.data(bytes),
        drain: () => this.#flush(),
        end: () => this.#end(),
        close: (_, error) => this.#end(error),
        error: (_, error) => this.#end(error),
      });
    } catch (error) {
      this.#end(error as Error);
      throw error;
    }
    return this;
  }

  listen(listener: Listener): void {
    this.#listener = listener;
  }

  write(bytes: Uint8Array): Promise<void> | undefined {
    if (this.#ended) return undefined;
    const rest = this.#socket && this.#unwritten.length === 0 ? untaken(this.#socket, bytes) : bytes;
    if (rest.length === 0) return undefined;
    this.#unwritten.push(rest);
    this.#written ??= Promise.withResolvers();
    return this.#written.promise;
  }

  pause(): void {
    this.#paused = true;
    this.#socket?.pause();
  }

  resume(): void {
    // Bun takes a call for each of these, also where nothing changes.
    if (!this.#paused) return;
    this.#paused = false;
    this.#socket?.resume();
  }

  end(): void {
    this.#ending = true;
    if (this.#socket) this.#flush();
  }

  destroy(error?: Error): void {
    this.#destroyed = true;
    this.#socket?.terminate();
    this.#end(error);
  }

  unref(): void {
    this.#unreferenced = true;
    this.#socket?.unref();
  }

  #opened(socket: BunSocket): void {
    this.#socket = socket;
    if (this.#destroyed) socket.terminate();
    if (this.#unreferenced) socket.unref();
    if (this.#paused) socket.pause();
    this.#flush();
  }

  #flush(): void {
    while (this.#unwritten.length > 0) {
      const rest = untaken(this.#socket!, this.#unwritten[0]!);
      if (rest.length > 0) {
        this.#unwritten[0] = rest;
        return;
      }
      this.#unwritten.shift();
    }
    this.#written?.resolve();
    this.#written = undefined;
    if (this.#ending) this.#socket!.end();
  }

  #end(error?: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#unwritten = [];
    this.#written?.resolve();
    this.#listener?.end(error);
  }
}

/** What the kernel has not taken. */
function untaken(socket: BunSocket, bytes: Uint8Array): Uint8Array {
  const taken = socket.write(bytes);
  // A socket that is closed takes nothing, and says so to its handler.
  return bytes.subarray(Math.max(0, taken));
}
