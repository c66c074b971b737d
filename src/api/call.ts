/** One request, parsed: what a route works with. */

import { BrigError } from "../base/errors.ts";
import { bodyOf, jsonOf } from "./http/body.ts";
import type { Exchange } from "./http/door.ts";
import { valuesOf } from "./parameter.ts";
import type { Asked, BodyOf, Found, Nothing, QueryOf } from "./route.ts";
import type { Service } from "./service.ts";
import type { ApiVersion } from "./version.ts";

export class Call<A extends Asked = Nothing> {
  readonly service: Service;
  readonly version: ApiVersion;
  /** What the query says of the route's parameters. */
  readonly query: QueryOf<A>;
  /** Aborted when the client has gone. */
  readonly gone: AbortSignal;
  readonly #exchange: Exchange;
  readonly #found: Found;

  /** Throws for a query that cannot be read. */
  constructor(service: Service, exchange: Exchange, { found, version, query }: Arrived) {
    this.service = service;
    this.version = version;
    this.query = valuesOf(found.route.asked?.query ?? {}, query) as QueryOf<A>;
    this.#exchange = exchange;
    this.#found = found;
    const gone = new AbortController();
    const { response, upgrade } = exchange;
    (upgrade?.socket ?? response).on("close", () => gone.abort());
    this.gone = gone.signal;
  }

  get engine(): Service["engine"] {
    return this.service.engine;
  }

  /** What the engine tells, in Docker's newest words. */
  get documents(): Service["documents"] {
    return this.service.documents;
  }

  /** A part of the path. */
  parameter(name: string): string {
    const value = this.#found.parameters[name];
    if (value === undefined) throw new TypeError(`${this.#found.route.path} has no part ${name}`);
    return value;
  }

  /** The JSON document that was sent; throws, in Docker's words, when it is not what the route asks for. */
  async body(): Promise<BodyOf<A>> {
    const body = this.#found.route.asked?.body;
    if (body === undefined || "bytes" in body)
      throw new TypeError(`${this.#found.route.path} asks for no JSON`);
    const value = await jsonOf(this.#exchange);
    const parse = typeof body === "function" ? body : body.optional;
    if (value !== undefined) return parse(value, "invalid JSON:") as BodyOf<A>;
    if (parse === body) throw new BrigError("invalid", "EOF");
    return undefined as BodyOf<A>;
  }

  bytes(): AsyncIterable<Uint8Array> {
    return bodyOf(this.#exchange);
  }

  header(name: string): string | undefined {
    const value = this.#exchange.request.headers[name];
    return Array.isArray(value) ? value[0] : value;
  }
}

/** What has come, and the route that it came to. */
interface Arrived {
  readonly found: Found;
  readonly version: ApiVersion;
  readonly query: URLSearchParams;
}
