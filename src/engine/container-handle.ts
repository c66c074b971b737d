/**
 * One container, to be held in the hand: the engine's methods with its name said once. `await using` removes it in the
 * end, whatever happens in between, so that no program leaves containers behind that it forgot.
 */

import { sleepUntilAborted } from "../base/abortable.ts";
import { BrigError } from "../base/errors.ts";
import type { ContainerInfo, ExecSpec, LogEntry, LogQuery } from "./container/info.ts";
import type { Created } from "./container/lifecycle.ts";
import type { ContainerStats } from "./container/stats.ts";
import type { StopOptions } from "./container/stop.ts";
import type { ContainerEngine } from "./container-engine.ts";
import type { EngineEvent } from "./events/feed.ts";
import type { Ended, Session, Streams } from "./session.ts";

/** What a program has said and how it has ended. */
export interface Output {
  /** Its exit code: 0 … 255, or 128 + signal. */
  readonly code: number;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
}

/** Gives up what it is told to; see the method for how that looks. */
export interface Cancelable {
  readonly signal?: AbortSignal;
}

/** Milliseconds between two measurements. */
const interval = 1000;

/** A container of an engine, on this host or elsewhere. */
export class Container implements AsyncDisposable {
  /** 64 hexadecimal digits. */
  readonly id: string;
  readonly name: string;
  readonly #engine: ContainerEngine;

  constructor(engine: ContainerEngine, { id, name }: Created) {
    this.#engine = engine;
    this.id = id;
    this.name = name;
  }

  /** Starts it, and leaves it to itself. */
  start(): Promise<void>;
  /** Starts it, and stays with it: the session carries the streams that are named. */
  start(streams: Streams): Promise<Session>;
  async start(streams?: Streams): Promise<unknown> {
    const { session } = await this.#engine.start(this.id, streams ? { streams } : {});
    if (streams) return session;
    await session.detach();
    return undefined;
  }

  /** Connects to what it says from now on. */
  attach(streams: Streams = { stdout: true, stderr: true }): Promise<Session> {
    return this.#engine.attach(this.id, streams);
  }

  /** Executes one more command in it, feeds it `stdin`, and resolves when it has ended with all that it has said. */
  async exec(command: readonly string[] | ExecSpec, input?: Uint8Array | string): Promise<Output> {
    const spec = isSpec(command) ? command : { command };
    const stdin = input !== undefined;
    const session = await this.openExec({ ...spec, openStdin: stdin }, { stdin, stdout: true, stderr: true });
    const fed = stdin ? feed(session, input) : undefined;
    const said = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
    for await (const { stream, bytes } of session.output) said[stream].push(bytes);
    const { code } = await session.wait();
    await fed;
    return { code, stdout: Buffer.concat(said.stdout), stderr: Buffer.concat(said.stderr) };
  }

  /** The same as a session, for a command that is talked to. */
  openExec(spec: ExecSpec, streams: Streams): Promise<Session> {
    return this.#engine.exec(this.id, spec, streams);
  }

  /** What it has said; with `follow` also what it says, until it has ended or the signal is aborted. */
  logs(query: LogQuery = {}): AsyncGenerator<LogEntry> {
    return this.#engine.logs(this.id, query);
  }

  /** What happens to it from now on, until the signal is aborted. */
  async *events({ signal }: Cancelable = {}): AsyncGenerator<EngineEvent> {
    for await (const event of await this.#engine.events(signal ? { signal } : {}))
      if (event.subject === this.id) yield event;
  }

  /** What it uses, every second, until it has ended or the signal is aborted. */
  async *stats({ signal }: Cancelable = {}): AsyncGenerator<ContainerStats> {
    for (; !signal?.aborted; await sleepUntilAborted(interval, signal)) {
      const now = await this.#engine.stats(this.id);
      if (!now.usage) return;
      yield now;
    }
  }

  inspect(): Promise<ContainerInfo> {
    return this.#engine.inspect(this.id);
  }

  /** Resolves when it has ended. Rejects with the signal's reason when that is aborted before. */
  wait({ signal }: Cancelable = {}): Promise<Ended> {
    return this.#engine.wait(this.id, signal ? { signal } : {});
  }

  stop(options: StopOptions = {}): Promise<void> {
    return this.#engine.stop(this.id, options);
  }

  /** `signal` is a number: 9 is SIGKILL. */
  kill(signal = 9): Promise<void> {
    return this.#engine.kill(this.id, signal);
  }

  /** Kills it where it runs, and takes its files and anonymous volumes away. One that has gone already is no failure. */
  async remove(): Promise<void> {
    try {
      await this.#engine.remove(this.id, { force: true, volumes: true });
    } catch (error) {
      if (!(error instanceof BrigError && error.kind === "not-found")) throw error;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.remove();
  }
}

const isSpec = (command: readonly string[] | ExecSpec): command is ExecSpec => !Array.isArray(command);

/** A command may end without having read everything. */
async function feed(session: Session, input: Uint8Array | string): Promise<void> {
  try {
    await session.write(typeof input === "string" ? Buffer.from(input) : input);
    await session.closeStdin();
  } catch {
    // How it ended is told by its code.
  }
}
