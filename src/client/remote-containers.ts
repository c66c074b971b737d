/** Containers of another engine: looked at, and told what to do (Engine API, "Containers"). */

import { untilAborted } from "../base/abortable.ts";
import { BrigError } from "../base/errors.ts";
import { signalName } from "../base/signals.ts";
import { containerInfoOf } from "../docker/read/container-info.ts";
import { containerStatsOf } from "../docker/read/stats.ts";
import { resourceBody } from "../docker/request/resource-body.ts";
import type { ContainerInfo, LogEntry, LogQuery } from "../engine/container/info.ts";
import type { RemoveOptions } from "../engine/container/remove-container.ts";
import type { ContainerSize } from "../engine/container/size.ts";
import type { ContainerStats } from "../engine/container/stats.ts";
import type { StopOptions } from "../engine/container/stop.ts";
import type { ProcessTable } from "../engine/container/top.ts";
import type { ContainerChange } from "../engine/container/update.ts";
import { text, whole } from "../spec/schema/scalars.ts";
import { list, looseObject, optional } from "../spec/schema/schema.ts";
import { type Api, type Ask, part } from "./api.ts";
import { RemoteCommands } from "./remote-commands.ts";
import { logPieces } from "./stream/log.ts";

const warnings = looseObject({ Warnings: optional(list(text)) });

/** How many containers of a list are looked at at a time. */
const together = 8;

export class RemoteContainers extends RemoteCommands {
  readonly #api: Api;

  constructor(api: Api) {
    super(api);
    this.#api = api;
  }

  inspect(reference: string): Promise<ContainerInfo> {
    return this.#api.read(containerInfoOf, this.#of(reference, "GET", "json"));
  }

  /** Each is looked at, as a list says less than that; those that are gone by then are left out. */
  async list({ all = false }: { readonly all?: boolean } = {}): Promise<readonly ContainerInfo[]> {
    const ids = await this.#api.read(list(looseObject({ Id: text })), {
      method: "GET",
      path: "/containers/json",
      query: all ? { all: 1 } : {},
    });
    const found: ContainerInfo[] = [];
    for (let at = 0; at < ids.length; at += together) {
      const some = ids.slice(at, at + together).map(({ Id }) => this.inspect(Id).catch(unlessGone));
      for (const each of await Promise.all(some)) if (each) found.push(each);
    }
    return found;
  }

  async size(reference: string): Promise<ContainerSize> {
    const sizes = looseObject({ SizeRw: optional(whole), SizeRootFs: optional(whole) });
    const { SizeRw = 0, SizeRootFs = 0 } = await this.#api.read(
      sizes,
      this.#of(reference, "GET", "json", { size: 1 }),
    );
    return { written: SizeRw, root: SizeRootFs };
  }

  async stats(reference: string): Promise<ContainerStats> {
    const query = { stream: 0, "one-shot": 1 };
    return this.#api.read(containerStatsOf, this.#of(reference, "GET", "stats", query));
  }

  async top(reference: string, options: readonly string[] = []): Promise<ProcessTable> {
    const schema = looseObject({ Titles: optional(list(text)), Processes: optional(list(list(text))) });
    const query = options.length === 0 ? {} : { ps_args: options.join(" ") };
    const { Titles = [], Processes = [] } = await this.#api.read(
      schema,
      this.#of(reference, "GET", "top", query),
    );
    return { titles: Titles, processes: Processes };
  }

  async kill(reference: string, signal: number): Promise<void> {
    await this.#api.done(this.#of(reference, "POST", "kill", { signal: signalName(signal) }));
  }

  async stop(reference: string, options: StopOptions = {}): Promise<void> {
    await this.#api.done(this.#of(reference, "POST", "stop", stopQuery(options)));
  }

  async restart(reference: string, options: StopOptions = {}): Promise<void> {
    await this.#api.done(this.#of(reference, "POST", "restart", stopQuery(options)));
  }

  async pause(reference: string): Promise<void> {
    await this.#api.done(this.#of(reference, "POST", "pause"));
  }

  async unpause(reference: string): Promise<void> {
    await this.#api.done(this.#of(reference, "POST", "unpause"));
  }

  async rename(reference: string, name: string): Promise<void> {
    await this.#api.done(this.#of(reference, "POST", "rename", { name }));
  }

  async resize(reference: string, rows: number, columns: number): Promise<void> {
    await this.#api.done(this.#of(reference, "POST", "resize", { h: rows, w: columns }));
  }

  /** Resolves with what that host cannot keep of them. */
  async update(reference: string, { resources = {}, restart }: ContainerChange): Promise<readonly string[]> {
    const policy = restart
      ? { RestartPolicy: { Name: restart.name, MaximumRetryCount: restart.maximumRetryCount } }
      : {};
    const json = { ...resourceBody(resources), ...policy };
    const { Warnings = [] } = await this.#api.read(warnings, {
      ...this.#of(reference, "POST", "update"),
      json,
    });
    return Warnings;
  }

  /** What is kept between containers is that engine's own affair: `release` is not for it. */
  async remove(reference: string, { force = false, volumes = false }: RemoveOptions = {}): Promise<void> {
    await this.#api.done({
      method: "DELETE",
      path: `/containers/${part(reference)}`,
      query: { ...(force ? { force: 1 } : {}), ...(volumes ? { v: 1 } : {}) },
    });
  }

  async *logs(reference: string, query: LogQuery): AsyncGenerator<LogEntry> {
    for await (const entries of this.logPieces(reference, query)) yield* entries;
  }

  async *logPieces(reference: string, query: LogQuery): AsyncGenerator<readonly LogEntry[]> {
    const { id, spec } = await this.inspect(reference);
    const { pieces } = await this.#api.ask({
      ...this.#of(id, "GET", "logs", {
        follow: query.follow ? 1 : 0,
        stdout: query.stdout === false ? 0 : 1,
        stderr: query.stderr === false ? 0 : 1,
        timestamps: 1,
        since: secondsText(query.since),
        until: secondsText(query.until),
        tail: query.tail ?? "all",
      }),
      signal: query.signal,
    });
    yield* untilAborted(logPieces(pieces, spec.terminal ?? false), query.signal);
  }

  #of(reference: string, method: Ask["method"], verb: string, query: Ask["query"] = {}): Ask {
    return { method, path: `/containers/${part(reference)}/${verb}`, query };
  }
}

function stopQuery({ seconds, signal }: StopOptions): NonNullable<Ask["query"]> {
  return { t: seconds, signal: signal === undefined ? undefined : signalName(signal) };
}

/** "1357133017.500000000" */
function secondsText(nanoseconds: bigint | undefined): string | undefined {
  if (nanoseconds === undefined) return undefined;
  const second = 1_000_000_000n;
  return `${nanoseconds / second}.${String(nanoseconds % second).padStart(9, "0")}`;
}

function unlessGone(error: unknown): undefined {
  if (!(error instanceof BrigError && error.kind === "not-found")) throw error;
}
