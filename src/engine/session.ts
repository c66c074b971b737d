/** A live connection to a process of a container: its streams, its terminal, its end. */

/** A live connection to a process in a container. */
export interface Session {
  /** Of the process, as the host sees it; absent where another client started it. */
  readonly pid?: number;
  /** What it writes, in order; ends when the process has, or when this session is detached. To be read once. */
  readonly output: AsyncIterable<OutputChunk>;
  /** To stdin; resolves when there is room again, and for bytes that nobody will ever read at once. */
  write(bytes: Uint8Array): Promise<void>;
  closeStdin(): Promise<void>;
  resize(rows: number, columns: number): Promise<void>;
  /** To the process by its pidfd; a signal number. */
  signal(number: number): Promise<void>;
  /** Resolves when the process has ended and everything about that is recorded. */
  wait(): Promise<Ended>;
  /** Leaves the process to itself. */
  detach(): Promise<void>;
}

/** A piece of what a process writes. */
export interface OutputChunk {
  readonly stream: "stdout" | "stderr";
  readonly bytes: Uint8Array;
}

/** How a process has ended. */
export interface Ended {
  /** As a shell has it: 0 … 255, or 128 + signal. */
  readonly code: number;
  readonly oom: boolean;
}

/** Which streams a session carries. */
export interface Streams {
  readonly stdin?: boolean;
  readonly stdout?: boolean;
  readonly stderr?: boolean;
}
