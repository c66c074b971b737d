/**
 * The engine: containers and images of one root, for whatever door. It holds no truth of its own; any number of
 * engines of one root work side by side, in as many processes, and each may be killed at any time.
 */

import { join } from "node:path";
import type { ContainerId } from "../base/ids.ts";
import { shimPath } from "../kernel/executor/shim-path.ts";
import { ShimClient } from "../kernel/shim/client.ts";
import { socketName } from "../kernel/shim/wire.ts";
import type { Explanation } from "./container/explain.ts";
import {
  type Created,
  createContainer,
  type Launched,
  type RunOptions,
  runContainer,
  startExisting,
} from "./container/lifecycle.ts";
import { reconcile } from "./container/reconcile.ts";
import { type ContainerRecord, findContainer, readContainer } from "./container/records.ts";
import type { RemoveOptions } from "./container/remove-container.ts";
import { exitOf, settleContainer } from "./container/settle.ts";
import { shimSession } from "./container/shim-session.ts";
import type { ContainerSpec } from "./container/spec.ts";
import type { ContainerStats } from "./container/stats.ts";
import type { StopOptions } from "./container/stop.ts";
import type { ProcessTable } from "./container/top.ts";
import type { ContainerChange } from "./container/update.ts";
import { awaitEnd } from "./container/wait.ts";
import { whileRunning } from "./container/while-running.ts";
import type { Container } from "./container-handle.ts";
import { ContainerViews } from "./container-views.ts";
import type { EngineEvent, EventFeed, EventQuery } from "./events/feed.ts";
import { tellOf } from "./events/record.ts";
import { type EngineHost, openHost } from "./host.ts";
import { ownCommand } from "./own-command.ts";
import { paths, rootsOf } from "./roots.ts";
import type { Ended, Session, Streams } from "./session.ts";
import { parseStorageDriver } from "./snapshot/choose.ts";

/** Where an engine keeps things, and whom it tells. */
export interface EngineOptions {
  /** State: images, containers, volumes. BRIG_ROOT when absent, and then /var/lib/brig. */
  readonly root?: string | undefined;
  /** Sockets. BRIG_RUN_ROOT when absent, and then /run/brig. */
  readonly runRoot?: string | undefined;
  /** `overlay2` or `vfs`, for containers that are made from now on; absent: what this host can. */
  readonly storageDriver?: string | undefined;
  /**
   * The command line that runs brig itself: a shim whose owner is gone executes `settle` with it. Absent: this runtime
   * with the command line of this package.
   */
  readonly self?: readonly string[];
  /** Told to the user beside results. */
  readonly warn?: (message: string) => void;
}

/** What a `run` does not need is loaded by the method that does, as starting containers is what must be fast. */
export class Engine extends ContainerViews implements Disposable {
  readonly #host: EngineHost;
  #feed: EventFeed | undefined;

  private constructor(host: EngineHost) {
    super(host);
    this.#host = host;
  }

  /** Opens the engine of this host, in this process: no service is needed. */
  static open({
    root,
    runRoot,
    storageDriver,
    self = ownCommand(),
    warn = () => {},
  }: EngineOptions = {}): Engine {
    const { BRIG_ROOT, BRIG_RUN_ROOT } = process.env;
    return new Engine(
      openHost({
        roots: rootsOf(root || BRIG_ROOT || undefined, runRoot || BRIG_RUN_ROOT || undefined),
        shim: shimPath(),
        ...(storageDriver === undefined ? {} : { storageDriver: parseStorageDriver(storageDriver) }),
        self,
        random: (size) => crypto.getRandomValues(new Uint8Array(size)),
        now: Date.now,
        warn,
      }),
    );
  }

  /** Makes a container, and does not start it. */
  async create(spec: ContainerSpec): Promise<Created> {
    return createContainer(this.#host, spec);
  }

  /** The same, to be held in the hand: `await using box = await engine.container({ … })` removes it in the end. */
  async container(spec: ContainerSpec): Promise<Container> {
    const { Container } = await import("./container-handle.ts");
    return new Container(this, await this.create(spec));
  }

  /** Create and start; the caller owns the container's end unless it detaches the session. */
  async run(spec: ContainerSpec, options: RunOptions = {}): Promise<Created & { readonly session: Session }> {
    return this.#owned(await runContainer(this.#host, spec, options));
  }

  async start(
    reference: string,
    { streams = {} }: { readonly streams?: Streams } = {},
  ): Promise<Created & { readonly session: Session }> {
    await reconcile(this.#host);
    return this.#owned(await startExisting(this.#host, reference, streams));
  }

  async attach(reference: string, streams: Streams): Promise<Session> {
    const otherwise = "You cannot attach to a stopped container, start it first";
    const paused = "You cannot attach to a paused container, unpause it first";
    const { attachedOutput } = await import("./container/attached-output.ts");
    return whileRunning(this.#host, reference, { stopped: otherwise, paused }, async (record) => {
      const client = await ShimClient.connect(this.#socket(record.id));
      await client.attach(streams);
      tellOf(this.#host, "attach", record);
      return shimSession(client, {
        ended: async (exit) => ({ code: exit.code, oom: exit.outOfMemory }),
        gone: () => awaitEnd(this.#host, record.id, record.shim),
        resized: (rows, columns) => this.#tellSize(record, rows, columns),
        output: attachedOutput(this.#host, record, client, streams),
      });
    });
  }

  /** The size of a container's terminal. */
  async resize(reference: string, rows: number, columns: number): Promise<void> {
    await whileRunning(
      this.#host,
      reference,
      { stopped: `Container ${reference} is not running` },
      async (record) => {
        const client = await ShimClient.connect(this.#socket(record.id));
        try {
          await client.resize(rows, columns);
          this.#tellSize(record, rows, columns);
        } finally {
          client.close();
        }
      },
    );
  }

  /** What a container uses now. */
  async stats(reference: string): Promise<ContainerStats> {
    const { containerStats } = await import("./container/stats.ts");
    return containerStats(this.#host, await this.#find(reference));
  }

  /** What happens, and what has happened since; see EventFeed. */
  async events(query: EventQuery = {}): Promise<AsyncGenerator<EngineEvent>> {
    const { EventFeed } = await import("./events/feed.ts");
    this.#feed ??= new EventFeed(this.#host.database);
    return this.#feed.follow(query);
  }

  /**
   * Resolves with the end of the container, now or later, when it is recorded. Rejects with the signal's reason when that
   * is aborted before.
   */
  async wait(reference: string, { signal }: { readonly signal?: AbortSignal } = {}): Promise<Ended> {
    return awaitEnd(this.#host, findContainer(this.#host.database, reference).id, undefined, signal);
  }

  async kill(reference: string, signal: number): Promise<void> {
    const { signalContainer } = await import("./container/stop.ts");
    await whileRunning(
      this.#host,
      reference,
      { stopped: `Container ${reference} is not running` },
      (record) => signalContainer(this.#host, record, signal),
    );
  }

  async stop(reference: string, options: StopOptions = {}): Promise<void> {
    const [{ steady }, { stopContainer }] = await Promise.all([
      import("./container/steady.ts"),
      import("./container/stop.ts"),
    ]);
    await reconcile(this.#host);
    const record = await steady(this.#host, findContainer(this.#host.database, reference).id);
    if (record)
      await stopContainer(this.#host, record, options, () => awaitEnd(this.#host, record.id, record.shim));
  }

  /** Stop and start; one that does not run is started. */
  async restart(reference: string, options: StopOptions = {}): Promise<void> {
    const [{ steady }, { restartContainer }] = await Promise.all([
      import("./container/steady.ts"),
      import("./container/restart.ts"),
    ]);
    const host = this.#host;
    await reconcile(host);
    const { id } = findContainer(host.database, reference);
    const record = (await steady(host, id)) ?? findContainer(host.database, id);
    await restartContainer(host, record, options, {
      wait: () => awaitEnd(host, id, record.shim),
      start: () => startExisting(host, id, {}),
    });
  }

  async pause(reference: string): Promise<void> {
    const { pauseContainer } = await import("./container/pause.ts");
    await pauseContainer(this.#host, await this.#find(reference));
  }

  async unpause(reference: string): Promise<void> {
    const { unpauseContainer } = await import("./container/pause.ts");
    await unpauseContainer(this.#host, await this.#find(reference));
  }

  async rename(reference: string, name: string): Promise<void> {
    const { renameContainer } = await import("./container/rename.ts");
    renameContainer(this.#host, await this.#find(reference), name);
  }

  /** Its processes as the host's ps(1) shows them; `options` are for ps. */
  async top(reference: string, options: readonly string[] = []): Promise<ProcessTable> {
    const { processTable } = await import("./container/top.ts");
    const refusals = { stopped: `Container ${reference} is not running` };
    return whileRunning(this.#host, reference, refusals, async (record) => {
      const table = processTable(record, options);
      tellOf(this.#host, "top", record);
      return table;
    });
  }

  /** Other limits, also while it runs. Resolves with what this host cannot keep of them. */
  async update(reference: string, change: ContainerChange): Promise<readonly string[]> {
    const { changeContainer } = await import("./container/update.ts");
    return changeContainer(this.#host, await this.#find(reference), change);
  }

  async remove(reference: string, options: RemoveOptions = {}): Promise<void> {
    await reconcile(this.#host);
    const record = findContainer(this.#host.database, reference);
    const { removeContainer } = await import("./container/remove-container.ts");
    await removeContainer(this.#host, record, options);
  }

  /** What `run` would do, call by call; runs nothing and takes nothing. */
  async explain(spec: ContainerSpec): Promise<Explanation> {
    const { explainContainer } = await import("./container/explain.ts");
    return explainContainer(this.#host, spec);
  }

  /** What follows the end of a container whose owner has left; called by its shim. */
  async settle(id: string): Promise<void> {
    const record = readContainer(this.#host.database, id);
    // The shim has become this process; for another launch of the container this is none of its business.
    if (record?.shim !== this.#host.owner.id) return;
    const exit = exitOf(this.#host, record);
    if (exit) await settleContainer(this.#host, { id: record.id, shim: record.shim }, exit);
  }

  [Symbol.dispose](): void {
    this.#feed?.[Symbol.dispose]();
    this.#host.database[Symbol.dispose]();
  }

  #owned({ id, name, client, shim }: Launched): Created & { readonly session: Session } {
    const session = shimSession(client, {
      ended: async (exit) => {
        const ended = await settleContainer(this.#host, { id, shim }, exit);
        await client.settled();
        return ended;
      },
      gone: () => awaitEnd(this.#host, id, shim),
      resized: (rows, columns) => {
        const record = readContainer(this.#host.database, id);
        if (record) this.#tellSize(record, rows, columns);
      },
    });
    return { id, name, session };
  }

  #tellSize(record: ContainerRecord, rows: number, columns: number): void {
    tellOf(this.#host, "resize", record, { height: String(rows), width: String(columns) });
  }

  async #find(reference: string): Promise<ContainerRecord> {
    await reconcile(this.#host);
    return findContainer(this.#host.database, reference);
  }

  #socket(id: ContainerId): string {
    return join(paths.run(this.#host.roots, id), socketName);
  }
}
