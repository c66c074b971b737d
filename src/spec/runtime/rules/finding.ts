/** What a rule found: an error or a warning, at a place of the config, with the clause that says so. */

import { quote } from "../../schema/schema.ts";

export interface Finding {
  readonly kind: "invalid" | "unsupported" | "warning";
  /** Place in the document, e.g. "process.rlimits[1].type". */
  readonly path: string;
  readonly reason: string;
  /** Document and section of the runtime-spec, or the man page whose rule this is. */
  readonly clause: string;
}

export function invalid(path: string, reason: string, clause: string): Finding {
  return { kind: "invalid", path, reason, clause };
}

export function unsupported(path: string, reason: string, clause: string): Finding {
  return { kind: "unsupported", path, reason, clause };
}

export function warning(path: string, reason: string, clause: string): Finding {
  return { kind: "warning", path, reason, clause };
}

/** The finding for a path that must be absolute and is not. */
export function* absolutePath(path: string, value: string, clause: string): Iterable<Finding> {
  if (!value.startsWith("/")) yield invalid(path, `must be an absolute path, not ${quote(value)}`, clause);
}

/** Indexes of the items whose key was seen before. */
export function repeated<T>(items: readonly T[], keyOf: (item: T) => string): readonly number[] {
  const seen = new Set<string>();
  return items.flatMap((item, index) => {
    const key = keyOf(item);
    if (seen.has(key)) return [index];
    seen.add(key);
    return [];
  });
}

/** The finding for what is no list of CPUs or memory nodes; spaces around numbers pass, as for other runtimes. */
export function* numberList(path: string, value: string, clause: string): Iterable<Finding> {
  const valid = value.split(",").every((part) => {
    const range = /^ *(\d{1,9})(?: *- *(\d{1,9}))? *$/.exec(part);
    return range !== null && (range[2] === undefined || Number(range[1]) <= Number(range[2]));
  });
  if (!valid) yield invalid(path, `must be a list of numbers such as 0-3,7; not ${quote(value)}`, clause);
}
