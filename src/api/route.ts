/** A route: what is asked for, and what answers. All of them are one table (`routes/table.ts`). */

import type { Call } from "./call.ts";
import type { Answer } from "./http/answer.ts";

export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "DELETE" | "HEAD";
  /** Segments in braces are parameters; the last one may take the rest of the path: `{name...}`. */
  readonly path: string;
  readonly summary: string;
  readonly answer: (call: Call) => Promise<Answer> | Answer;
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
