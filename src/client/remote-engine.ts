/**
 * An engine behind its API: the same as one in this process, for whoever uses it. It speaks only what Docker's Engine API
 * has, so that it works on any Docker as on any brig.
 *
 * A run is what Docker's client makes of it: create, attach and wait for the end, and only then start, so that nothing of
 * what the container says is missed.
 */

import { BrigError } from "../base/errors.ts";
import type { ContainerId } from "../base/ids.ts";
import { eventOf } from "../docker/read/inventory.ts";
import { createBody } from "../docker/request/create-body.ts";
import type { Explanation } from "../engine/container/explain.ts";
import type { Created, RunOptions } from "../engine/container/lifecycle.ts";
import type { ContainerSpec } from "../engine/container/spec.ts";
import type { ContainerEngine } from "../engine/container-engine.ts";
import { Container } from "../engine/container-handle.ts";
import type { EngineEvent, EventQuery } from "../engine/events/feed.ts";
import type { Ended, Session, Streams } from "../engine/session.ts";
import { text } from "../spec/schema/scalars.ts";
import { list, looseObject, optional } from "../spec/schema/schema.ts";
import { type Api, part } from "./api.ts";
import { neverTyped } from "./detach-keys.ts";
import { awaitEnd, type Waiting } from "./ending.ts";
import { RemoteContainers } from "./remote-containers.ts";
import { type Control, remoteSession, silentSession, wants } from "./session.ts";
import { startFailure } from "./start-failure.ts";
import { messages } from "./stream/messages.ts";

const createdSchema = looseObject({ Id: text, Warnings: optional(list(text)) });

export class RemoteEngine extends RemoteContainers implements ContainerEngine {
  readonly #api: Api;
  readonly #warn: (message: string) => void;

  constructor(api: Api, warn: (message: string) => void) {
    super(api);
    this.#api = api;
    this.#warn = warn;
  }

  async create(spec: ContainerSpec): Promise<Created> {
    const { Id, Warnings = [] } = await this.#api.read(createdSchema, {
      method: "POST",
      path: "/containers/create",
      query: { name: spec.name },
      json: createBody(spec, await this.#api.minor()),
    });
    for (const warning of Warnings) this.#warn(warning);
    const name = spec.name ?? (await this.inspect(Id)).name;
    return { id: Id as ContainerId, name };
  }

  async container(spec: ContainerSpec): Promise<Container> {
    return new Container(this, await this.create(spec));
  }

  async run(
    spec: ContainerSpec,
    { streams = {}, created = () => {} }: RunOptions = {},
  ): Promise<Created & { readonly session: Session }> {
    const made = await this.create(spec);
    created(made);
    const { terminal = false, autoRemove = false } = spec;
    return { ...made, session: await this.#started(made.id, streams, { terminal, autoRemove }) };
  }

  async start(
    reference: string,
    { streams = {} }: { readonly streams?: Streams } = {},
  ): Promise<Created & { readonly session: Session }> {
    const { id, name, spec } = await this.inspect(reference);
    const { terminal = false, autoRemove = false } = spec;
    return { id, name, session: await this.#started(id, streams, { terminal, autoRemove }) };
  }

  async attach(reference: string, streams: Streams): Promise<Session> {
    const { id, spec } = await this.inspect(reference);
    const waiting = await awaitEnd(this.#api, id, "not-running");
    return this.#attached(id, streams, spec.terminal ?? false, waiting);
  }

  async wait(reference: string, { signal }: { readonly signal?: AbortSignal } = {}): Promise<Ended> {
    return (await awaitEnd(this.#api, reference, "not-running", signal)).ended;
  }

  async events({ since, until, signal }: EventQuery = {}): Promise<AsyncGenerator<EngineEvent>> {
    const seconds = (time: number | undefined) => (time === undefined ? undefined : (time / 1000).toFixed(3));
    const { pieces } = await this.#api.ask({
      method: "GET",
      path: "/events",
      query: { since: seconds(since), until: seconds(until) },
      signal,
    });
    return events(pieces, this.#api.name, signal);
  }

  explain(): Promise<Explanation> {
    return this.local("explain");
  }

  settle(): Promise<void> {
    return this.local("settle");
  }

  [Symbol.dispose](): void {
    this.#api[Symbol.dispose]();
  }

  async #started(
    id: ContainerId,
    streams: Streams,
    { terminal, autoRemove }: { readonly terminal: boolean; readonly autoRemove: boolean },
  ): Promise<Session> {
    const live = wants(streams);
    // Who stays is told of the end of this run; of one that removes itself when it is gone.
    const waiting = live ? await awaitEnd(this.#api, id, autoRemove ? "removed" : "next-exit") : undefined;
    const session = waiting
      ? await this.#attached(id, streams, terminal, waiting)
      : silentSession(this.#control(id, undefined));
    try {
      const { status } = await this.#api.done({ method: "POST", path: `/containers/${part(id)}/start` });
      if (status === 304)
        throw new BrigError("conflict", `container ${id.slice(0, 12)} is already running`, {
          code: "already-running",
        });
    } catch (error) {
      await session.detach();
      throw startFailure(error);
    }
    return session;
  }

  async #attached(id: ContainerId, streams: Streams, terminal: boolean, waiting: Waiting): Promise<Session> {
    const { stdin = false, stdout = false, stderr = false } = streams;
    try {
      const hijacked = await this.#api.hijack({
        method: "POST",
        path: `/containers/${part(id)}/attach`,
        query: {
          stream: 1,
          ...(stdin ? { stdin: 1 } : {}),
          ...(stdout ? { stdout: 1 } : {}),
          ...(stderr ? { stderr: 1 } : {}),
          detachKeys: neverTyped,
        },
      });
      return remoteSession(hijacked, terminal, this.#control(id, waiting));
    } catch (error) {
      waiting.leave();
      throw error;
    }
  }

  #control(id: ContainerId, waiting: Waiting | undefined): Control {
    return {
      resize: (rows, columns) => this.resize(id, rows, columns),
      signal: (number) => this.kill(id, number),
      ended: () => waiting?.ended ?? this.wait(id),
      leave: () => waiting?.leave(),
    };
  }
}

async function* events(
  pieces: AsyncIterable<Uint8Array>,
  name: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<EngineEvent> {
  let count = 0;
  try {
    for await (const message of messages(pieces, name))
      yield eventOf(message, `the answer of ${name}:`, ++count);
  } catch (error) {
    // As one in this process ends.
    if (!signal?.aborted) throw error;
  }
}
