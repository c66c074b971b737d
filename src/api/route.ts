/** A route: what is asked for, and what answers. All of them are one table (`routes/table.ts`). */

import type { OptionalField, Schema } from "../spec/schema/schema.ts";
import type { Answers } from "./answers.ts";
import type { Call } from "./call.ts";
import type { Answer } from "./http/answer.ts";
import type { Shown } from "./listen/address.ts";
import type { Query, Values } from "./parameter.ts";

export interface Route<A extends Asked = Asked> {
  readonly method: "GET" | "POST" | "PUT" | "DELETE" | "HEAD";
  /** Segments in braces are parameters; one of them may take several segments: `{name...}`. */
  readonly path: string;
  readonly summary: string;
  /** What its handler may read of a request. */
  readonly asked?: A;
  readonly answers: Answers;
  /**
   * It changes nothing, and tells no secret: also answered on sockets that show this. Secret is what only root and the
   * container can see: its files, its environment, what it writes.
   */
  readonly shows?: Shown;
  readonly answer: (call: Call<NoInfer<A>>) => Promise<Answer> | Answer;
}

/** What a request may say beside its path. */
export interface Asked {
  readonly query?: Query;
  readonly body?: Body;
}

/** A JSON document, one that may be missing, or bytes of a media type. */
export type Body = Schema<unknown> | OptionalField<unknown> | Bytes;

export interface Bytes {
  readonly bytes: string;
}

export type Nothing = Readonly<Record<never, never>>;
export type QueryOf<A> = A extends { readonly query: infer Q extends Query } ? Values<Q> : Nothing;
export type BodyOf<A> = A extends { readonly body: Schema<infer T> }
  ? T
  : A extends { readonly body: OptionalField<infer T> }
    ? T | undefined
    : never;

/** A row of the table: its handler reads what is declared here, and nothing else. */
export function route<A extends Asked = Nothing>(row: Route<A>): Route {
  return row as unknown as Route;
}

export interface Found {
  readonly route: Route;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Finds the route of a path without its version; undefined when there is none. */
export function findRoute(routes: readonly Route[], method: string, path: string): Found | undefined {
  for (const route of routes) {
    if (route.method !== method && !(method === "HEAD" && route.method === "GET")) continue;
    const parameters = match(route.path, path);
    if (parameters) return { route, parameters };
  }
  return undefined;
}

/** Whether a path is a route's, whatever the method. */
export function isKnown(routes: readonly Route[], path: string): boolean {
  return routes.some((route) => match(route.path, path) !== undefined);
}

function match(pattern: string, path: string): Readonly<Record<string, string>> | undefined {
  const parts = pattern.split("/");
  const given = path.split("/");
  const rest = parts.findIndex((part) => part.endsWith("...}"));
  if (rest < 0 ? given.length !== parts.length : given.length < parts.length) return undefined;
  const parameters: Record<string, string> = Object.create(null);
  // A name may have slashes, with a verb behind them: /images/{name...}/json
  const behind = rest < 0 ? 0 : parts.length - rest - 1;
  const values =
    rest < 0
      ? given
      : [
          ...given.slice(0, rest),
          given.slice(rest, given.length - behind).join("/"),
          ...(behind === 0 ? [] : given.slice(-behind)),
        ];
  for (const [i, part] of parts.entries()) {
    const value = values[i]!;
    if (!part.startsWith("{")) {
      if (part !== value) return undefined;
    } else if (value === "") return undefined;
    else parameters[part.replace(/^\{|(?:\.\.\.)?\}$/g, "")] = value;
  }
  return parameters;
}
