/**
 * A stream to another process, and a process that was started with one: what an executor and a shim are spoken to by.
 *
 * `node:net` and `node:child_process` offer both, but loading them takes Bun as long as a third of a container's start,
 * so that there its own calls are used (`bun.ts`). `channel.contract.ts` holds the two to the same behaviour.
 */

export interface Connection {
  /** To be called once, before this turn of the event loop ends: nothing arrives before. */
  listen(listener: Listener): void;
  /** Undefined when the kernel has taken all of it, or nobody ever will; else settles when it has, or never will. */
  write(bytes: Uint8Array): Promise<void> | undefined;
  /** Nothing more arrives until `resume`, but for what is on its way. */
  pause(): void;
  resume(): void;
  /** Closes when everything has been written. */
  end(): void;
  /** Closes at once. */
  destroy(error?: Error): void;
  /** This process may end while the connection is open. */
  unref(): void;
}

export interface Listener {
  data(bytes: Buffer): void;
  /** Called once: the peer has closed, or what is told has happened, or this side has closed. */
  end(error?: Error): void;
}

export interface Child {
  readonly pid: number;
  /** To the child's fd of that number, which is the last of its stdio. */
  readonly connection: Connection;
  /** Whether it has ended and been waited for. */
  ended(): boolean;
  /** Resolves when it has; keeps this process alive until then. */
  awaitEnd(): Promise<void>;
  kill(signal: NodeJS.Signals): void;
}

export interface ChildOptions {
  readonly program: string;
  readonly args: readonly string[];
  /** argv[0] */
  readonly name: string;
  /** Stdin, stdout and stderr, and then fds of this process; the connection's comes behind them. */
  readonly stdio: readonly ("inherit" | "ignore" | number)[];
  readonly directory: string;
  /** Leads a session of its own, and this process does not wait for it. */
  readonly detached: boolean;
}

/** What makes them. Both throw or reject with the system's error. */
export interface Channel {
  start(options: ChildOptions): Child;
  connect(path: string): Promise<Connection>;
}
