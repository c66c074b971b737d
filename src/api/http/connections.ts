/**
 * The open connections of a door. One that asks nothing costs little, so it may stay; but there is an end to how many there
 * are, and to how long a request may take to be said. The runtimes have such limits for servers that listen themselves, and
 * Node and Bun not the same.
 *
 * Where a connection more would be too many, the one that has been silent for longest goes.
 */

import type { Socket } from "node:net";

export interface Limits {
  /** Connections at a time. */
  readonly connections: number;
  /** Milliseconds from the first byte of a request's head to the last. */
  readonly head: number;
  /** Milliseconds without a request. */
  readonly idle: number;
  /** Requests of one connection that wait for their answers. */
  readonly pipelined: number;
}

export const limits: Limits = { connections: 4096, head: 30_000, idle: 600_000, pipelined: 128 };

/** Milliseconds between two looks at who has been silent. */
const interval = 1000;

interface Silence {
  readonly since: number;
  /** How much had come by then. */
  readonly bytes: number;
  /** When the first byte of the next request was seen. */
  begun?: number;
}

export class Connections implements Disposable {
  readonly #limits: Limits;
  readonly #now: () => number;
  /** How many of its requests wait for answers. */
  readonly #open = new Map<Socket, number>();
  /** Those of which none does, the longest silent first. */
  readonly #silent = new Map<Socket, Silence>();
  readonly #timer: NodeJS.Timeout;

  constructor(chosen: Limits = limits, now: () => number = () => performance.now()) {
    this.#limits = chosen;
    this.#now = now;
    this.#timer = setInterval(() => this.#look(), interval);
    this.#timer.unref();
  }

  /** False when there is no room, which the connection is told by its end. */
  add(socket: Socket): boolean {
    if (this.#open.size >= this.#limits.connections) {
      const [longest] = this.#silent.keys();
      if (!longest) return false;
      this.#drop(longest);
    }
    this.#open.set(socket, 0);
    this.#silence(socket);
    socket.on("close", () => {
      this.#open.delete(socket);
      this.#silent.delete(socket);
    });
    return true;
  }

  /** A request has come; false when too many of its connection wait. */
  asked(socket: Socket): boolean {
    const waiting = (this.#open.get(socket) ?? 0) + 1;
    this.#silent.delete(socket);
    if (this.#open.has(socket)) this.#open.set(socket, waiting);
    return waiting <= this.#limits.pipelined;
  }

  answered(socket: Socket): void {
    const waiting = this.#open.get(socket);
    if (waiting === undefined) return;
    this.#open.set(socket, waiting - 1);
    if (waiting === 1) this.#silence(socket);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    for (const socket of [...this.#open.keys()]) this.#drop(socket);
  }

  #silence(socket: Socket): void {
    this.#silent.set(socket, { since: this.#now(), bytes: socket.bytesRead });
  }

  #look(): void {
    const now = this.#now();
    for (const [socket, silence] of this.#silent) {
      if (socket.bytesRead > silence.bytes) silence.begun ??= now;
      const late = silence.begun !== undefined && now - silence.begun > this.#limits.head;
      if (late || now - silence.since > this.#limits.idle) this.#drop(socket);
    }
  }

  #drop(socket: Socket): void {
    this.#open.delete(socket);
    this.#silent.delete(socket);
    socket.destroy();
  }
}
