/** The columns of `context ls`, by the names that `--format` knows them by. */

import type { Columns } from "../terminal/format.ts";

export interface ContextRow {
  readonly name: string;
  readonly description: string;
  /** A URL; the engine of this host has none. */
  readonly host: string;
  readonly inUse: boolean;
  /** Why it cannot be used. */
  readonly error: string;
}

export const contextTable = ["Name", "Description", "DockerEndpoint", "Error"] as const;

/** `marked`: the table has no column for what is in use. */
export function contextColumns(marked: boolean): Columns<ContextRow> {
  return {
    Current: { title: "CURRENT", text: ({ inUse }) => String(inUse) },
    Description: { title: "DESCRIPTION", text: ({ description }) => description },
    DockerEndpoint: { title: "DOCKER ENDPOINT", text: ({ host }) => host },
    Error: { title: "ERROR", text: ({ error }) => error },
    Name: { title: "NAME", text: ({ name, inUse }) => (marked && inUse ? `${name} *` : name) },
  };
}
