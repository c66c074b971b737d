/**
 * Clients that are connected to containers before these run. `docker run` attaches first and starts then, so that it
 * misses nothing: whoever is there at the start shares the session of the start, and the slowest of them is waited for.
 */

import { BrigError, messageOf } from "../base/errors.ts";
import type { Engine } from "../engine/engine.ts";
import type { OutputChunk, Session, Streams } from "../engine/session.ts";

export interface Attachment {
  readonly streams: Streams;
  /** Given the session when the container runs; undefined when it never will. */
  readonly begin: (session: Session | undefined) => void;
  /** What the container writes; rejects when the client has gone. */
  readonly write: (chunk: OutputChunk) => Promise<void>;
  /** The container has ended, or is left alone. */
  readonly end: () => void;
}

export class Attachments {
  readonly #engine: Engine;
  readonly #log: (message: string) => void;
  readonly #waiting = new Map<string, Set<Attachment>>();

  constructor(engine: Engine, log: (message: string) => void) {
    this.#engine = engine;
    this.#log = log;
  }

  /** Waits for the container's next start by this service. */
  await(id: string, attachment: Attachment): Disposable {
    const waiting = this.#waiting.get(id) ?? new Set();
    this.#waiting.set(id, waiting.add(attachment));
    return {
      [Symbol.dispose]: () => {
        waiting.delete(attachment);
        if (waiting.size === 0 && this.#waiting.get(id) === waiting) this.#waiting.delete(id);
      },
    };
  }

  /** Starts the container, with whoever waits for it. It is this service that settles it when it ends. */
  async start(reference: string): Promise<void> {
    const { id } = await this.#engine.inspect(reference);
    const waiting = [...(this.#waiting.get(id) ?? [])];
    const wants = (stream: keyof Streams) => waiting.some(({ streams }) => streams[stream]);
    const streams = { stdin: wants("stdin"), stdout: wants("stdout"), stderr: wants("stderr") };
    try {
      const { session } = await this.#engine.start(id, { streams });
      this.#waiting.delete(id);
      for (const attachment of waiting) attachment.begin(session);
      void this.#attend(session, new Set(waiting));
    } catch (error) {
      if (!(error instanceof BrigError && error.code === "already-running")) {
        this.#waiting.delete(id);
        for (const attachment of waiting) attachment.begin(undefined);
      }
      throw error;
    }
  }

  async #attend(session: Session, present: Set<Attachment>): Promise<void> {
    const settled = session.wait();
    settled.catch((error) => this.#log(`cannot settle a container: ${messageOf(error)}`));
    try {
      for await (const chunk of session.output)
        await Promise.all(
          [...present].map((attachment) => attachment.write(chunk).catch(() => present.delete(attachment))),
        );
      await settled;
    } catch {
      // Told already; its clients are told by the end.
    }
    for (const attachment of present) attachment.end();
  }
}
