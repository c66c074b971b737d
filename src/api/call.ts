/** One request, parsed: what a route works with. */

import { BrigError } from "../base/errors.ts";
import type { Filters } from "../docker/filter/filters.ts";
import type { Schema } from "../spec/schema/schema.ts";
import { bodyOf, jsonOf } from "./http/body.ts";
import type { Exchange } from "./http/listen.ts";
import type { Service } from "./service.ts";
import type { ApiVersion } from "./version.ts";

export class Call {
  readonly service: Service;
  readonly version: ApiVersion;
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Aborted when the client has gone. */
  readonly gone: AbortSignal;
  readonly #exchange: Exchange;

  constructor(service: Service, exchange: Exchange, request: Pick<Call, "version" | "parameters" | "query">) {
    this.service = service;
    this.#exchange = exchange;
    this.version = request.version;
    this.parameters = request.parameters;
    this.query = request.query;
    const gone = new AbortController();
    const { response, upgrade } = exchange;
    (upgrade?.socket ?? response).on("close", () => gone.abort());
    this.gone = gone.signal;
  }

  get engine(): Service["engine"] {
    return this.service.engine;
  }

  parameter(name: string): string {
    return this.parameters[name]!;
  }

  /** The empty text where it was not said. */
  text(name: string): string {
    return this.query.get(name) ?? "";
  }

  /** As Docker reads them: everything is true but these. */
  flag(name: string, otherwise = false): boolean {
    const value = this.query.get(name);
    return value === null
      ? otherwise
      : !["", "0", "no", "false", "none"].includes(value.trim().toLowerCase());
  }

  /** Undefined where it was not said; throws for what is no whole number. */
  integer(name: string): number | undefined {
    const value = this.query.get(name);
    if (value === null || value === "") return undefined;
    if (!/^[+-]?\d{1,15}$/.test(value))
      throw new BrigError("invalid", `strconv.Atoi: parsing ${JSON.stringify(value)}: invalid syntax`);
    return Number(value);
  }

  /** `filters={"label":["a"]}`, or in old clients `{"label":{"a":true}}`. */
  filters(): Filters {
    const text = this.text("filters");
    if (text === "") return {};
    const invalid = () => new BrigError("invalid", "invalid filter");
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch {
      throw invalid();
    }
    if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) throw invalid();
    const filters: Record<string, readonly string[]> = Object.create(null);
    for (const [key, value] of Object.entries(parsed)) {
      const values: unknown[] = Array.isArray(value)
        ? value
        : Object.entries((value ?? {}) as object).flatMap(([name, held]) => (held ? [name] : []));
      if (!values.every((each) => typeof each === "string")) throw invalid();
      filters[key] = values as string[];
    }
    return filters;
  }

  /** The body as the schema has it; `otherwise` where there is none. */
  async body<T>(schema: Schema<T>, otherwise?: T): Promise<T> {
    const value = await jsonOf(this.#exchange);
    if (value === undefined) {
      if (otherwise !== undefined) return otherwise;
      throw new BrigError("invalid", "EOF");
    }
    return schema(value, "invalid JSON:");
  }

  bytes(): AsyncIterable<Uint8Array> {
    return bodyOf(this.#exchange);
  }

  header(name: string): string | undefined {
    const value = this.#exchange.request.headers[name];
    return Array.isArray(value) ? value[0] : value;
  }
}
