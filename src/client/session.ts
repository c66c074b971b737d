/** A live connection to a process behind the API: a session, as one of this host's engine is. */

import type { Duplex } from "node:stream";
import { BrigError } from "../base/errors.ts";
import type { Ended, OutputChunk, Session, Streams } from "../engine/session.ts";
import type { Hijacked } from "./api.ts";
import { untilEnd } from "./http/body.ts";
import { write } from "./http/send.ts";
import { demultiplexed } from "./stream/frames.ts";

/** What the API has for the process beside its streams. */
export interface Control {
  readonly resize: (rows: number, columns: number) => Promise<void>;
  readonly signal: (number: number) => Promise<void>;
  /** How it ended; asked when somebody wants to know. */
  readonly ended: (output: Promise<void>) => Promise<Ended>;
  /** Whoever waits for something of it need not any more. */
  readonly leave: () => void;
}

/** `terminal`: both of its streams are one, without frames. */
export function remoteSession(
  { stream, source }: Hijacked,
  terminal: boolean,
  { resize, signal, ended, leave }: Control,
): Session {
  const read = Promise.withResolvers<void>();
  let left = false;
  let end: Promise<Ended> | undefined;
  const output = async function* (): AsyncGenerator<OutputChunk> {
    try {
      const pieces = untilEnd(source);
      if (terminal) for await (const bytes of pieces) yield { stream: "stdout", bytes };
      else yield* demultiplexed(pieces);
    } catch (error) {
      // Whoever has left is told nothing more.
      if (!left) throw error;
    } finally {
      stream.destroy();
      read.resolve();
    }
  };
  return {
    output: output(),
    write: (bytes) => accepted(stream, bytes),
    async closeStdin() {
      if (!stream.writableEnded) stream.end();
    },
    resize,
    signal,
    wait: () => (end ??= ended(read.promise)),
    async detach() {
      left = true;
      stream.destroy();
      leave();
    },
  };
}

/** Of a process whose streams nobody wants. */
export function silentSession({ resize, signal, ended, leave }: Control): Session {
  let end: Promise<Ended> | undefined;
  return {
    output: nothing(),
    write: async () => {},
    closeStdin: async () => {},
    resize,
    signal,
    wait: () => (end ??= ended(Promise.resolve())),
    detach: async () => leave(),
  };
}

async function* nothing(): AsyncGenerator<OutputChunk> {}

/** What nobody will read is taken, as by a shim. */
async function accepted(stream: Duplex, bytes: Uint8Array): Promise<void> {
  if (stream.destroyed || stream.writableEnded) throw new BrigError("conflict", "the process has ended");
  await write(stream, bytes);
}

export function wants({ stdin = false, stdout = false, stderr = false }: Streams): boolean {
  return stdin || stdout || stderr;
}
