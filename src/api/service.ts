/**
 * Docker's Engine API over an engine. It holds no truth of its own: what it keeps in memory are connections, and whom
 * each of them waits for; killed at any time, containers go on, and the next one continues.
 */

import { AsyncLocalStorage } from "node:async_hooks";
import packageJson from "../../package.json" with { type: "json" };
import { BrigError, doorCodes, messageOf } from "../base/errors.ts";
import type { Documents } from "../docker/documents/documents.ts";
import { documentsOf } from "../docker/documents/of-engine.ts";
import { Engine, type EngineOptions } from "../engine/engine.ts";
import { Attachments } from "./attachments.ts";
import type { Authorization } from "./authorization/authorization.ts";
import { Call } from "./call.ts";
import { Executions } from "./executions.ts";
import { type Answer, empty, respond } from "./http/answer.ts";
import { type Exchange, type Open, openDoor } from "./http/door.ts";
import { Rate } from "./http/rate.ts";
import type { Shown } from "./listen/address.ts";
import { Rest } from "./rest.ts";
import { type Found, findRoute, isKnown } from "./route.ts";
import { routes } from "./routes/table.ts";
import { type ApiVersion, checkVersion, formatVersion, newest, oldest } from "./version.ts";
import { withheld } from "./withheld.ts";

export interface ServiceOptions extends Omit<EngineOptions, "warn"> {
  readonly authorization: Authorization;
  /** Told to whoever runs the service. */
  readonly log: (message: string) => void;
}

export class Service implements AsyncDisposable {
  readonly engine: Engine;
  readonly documents: Documents;
  readonly attachments: Attachments;
  readonly executions = new Executions();
  readonly #warnings = new AsyncLocalStorage<string[]>();
  readonly #authorization: Authorization;
  readonly #rate = new Rate();
  readonly #log: (message: string) => void;
  readonly #rest = new Rest();
  readonly #doors: AsyncDisposable[] = [];

  constructor({ log, authorization, ...options }: ServiceOptions) {
    this.#log = log;
    this.#authorization = authorization;
    const warn = (message: string) => {
      const heard = this.#warnings.getStore();
      if (heard) heard.push(message);
      else log(message);
    };
    this.engine = Engine.open({ ...options, warn });
    this.documents = documentsOf(this.engine, Date.now);
    this.attachments = new Attachments(this.engine, log);
  }

  /** Answers what comes through the listeners; only what the route shows there, if that is said. */
  async open(open: Open, shows?: Shown): Promise<void> {
    this.#doors.push(await openDoor(open, (exchange) => this.#answer(exchange), shows));
  }

  /** What the engine warns of while it works. */
  async warned<T>(
    work: () => Promise<T>,
  ): Promise<{ readonly result: T; readonly warnings: readonly string[] }> {
    const warnings: string[] = [];
    const result = await this.#warnings.run(warnings, work);
    return { result, warnings };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const door of this.#doors.splice(0)) await door[Symbol.asyncDispose]();
    this.#rest[Symbol.dispose]();
    this.engine[Symbol.dispose]();
  }

  async #answer(exchange: Exchange): Promise<void> {
    const { request, response } = exchange;
    this.#rest.end();
    try {
      const answer = await this.#route(exchange).catch((error: unknown) => {
        // A stream that has begun cannot become an error any more.
        if (response.headersSent) throw error;
        return this.#failure(error);
      });
      await respond(exchange, answer).catch(async (error: unknown) => {
        if (response.headersSent || response.destroyed) throw error;
        await respond(exchange, this.#failure(error));
      });
      if (!request.complete) discard(exchange);
    } catch (error) {
      if (!(error instanceof BrigError))
        this.#log(`cannot answer ${request.method} ${request.url}: ${messageOf(error)}`);
      (exchange.upgrade?.socket ?? response).destroy();
    }
  }

  async #route(exchange: Exchange): Promise<Answer> {
    const { request, response } = exchange;
    response.setHeader("Server", `brig/${packageJson.version} (linux)`);
    response.setHeader("Ostype", "linux");
    response.setHeader("Api-Version", formatVersion(newest));
    response.setHeader("Docker-Experimental", "false");
    if (!this.#rate.take()) throw new BrigError("exhausted", "too many requests", { code: "too-many" });
    const { path, query, version = newest } = target(request.url ?? "/");
    checkVersion(version);
    const found = foundRoute(request.method ?? "GET", path);
    refuseUnlessShown(exchange, found);
    const answer = await this.#authorization.around(exchange, found.route, async (whole) => {
      try {
        return await found.route.answer(new Call(this, whole, { found, version, query }));
      } catch (error) {
        return this.#failure(error);
      }
    });
    return exchange.shows && answer.kind === "json" ? { ...answer, value: withheld(answer.value) } : answer;
  }

  #failure(error: unknown): Answer {
    if (!(error instanceof BrigError))
      this.#log(`internal error: ${(error as Error)?.stack ?? String(error)}`);
    const status = statusOf(error);
    if (status === 304) return empty(status);
    const message = messageOf(error);
    return { kind: "json", status, value: { message } };
  }
}

/** Some of Docker's own are not what the kind would give. */
const statuses: Readonly<Record<string, number>> = {
  "no-such-method": 405,
  "too-large": 413,
  "too-slow": 408,
  "too-many": 429,
  "already-running": 304,
};

function statusOf(error: unknown): number {
  if (!(error instanceof BrigError)) return 500;
  return statuses[error.code] ?? doorCodes[error.kind].http;
}

/** Throws for a path or a method that no route has. */
function foundRoute(method: string, path: string): Found {
  const found = findRoute(routes, method, path);
  if (found) {
    const decodedParts = Object.entries(found.parameters).map(([name, value]) => [name, decoded(value)]);
    return { ...found, parameters: Object.fromEntries(decodedParts) };
  }
  const known = isKnown(routes, path);
  throw new BrigError("not-found", known ? "method not allowed" : "page not found", {
    code: known ? "no-such-method" : "no-such-page",
  });
}

/** What a socket shows that changes nothing: the state, and where it is said also what containers write. */
function refuseUnlessShown({ shows, request }: Exchange, { route }: Found): void {
  if (!shows || route.shows === "state" || (route.shows !== undefined && route.shows === shows)) return;
  throw new BrigError("denied", `${request.method} ${route.path} is refused: this socket is read-only`, {
    code: "read-only",
  });
}

/** Milliseconds in which a client has to end a body that nobody reads. */
const discardTimeout = 5000;

/** What was not read of a body would be taken for the next request; what never ends ends the connection. */
function discard({ request }: Exchange): void {
  request.resume();
  const timer = setTimeout(() => request.complete || request.socket.destroy(), discardTimeout);
  request.once("close", () => clearTimeout(timer));
}

interface Target {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly version?: ApiVersion;
}

function target(url: string): Target {
  const mark = url.indexOf("?");
  const full = mark < 0 ? url : url.slice(0, mark);
  const query = new URLSearchParams(mark < 0 ? "" : url.slice(mark + 1));
  const [, major, minor, path] = /^\/v(\d{1,4})\.(\d{1,4})(\/.*)$/.exec(full) ?? [];
  if (path === undefined) return { path: full, query };
  return { path, query, version: { major: Number(major), minor: Number(minor) } };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new BrigError("invalid", `invalid URL escape in ${JSON.stringify(text.slice(0, 64))}`);
  }
}

export { oldest };
