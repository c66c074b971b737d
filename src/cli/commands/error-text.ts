/** An error as users see it: one line that begins with brig's name. The causes only when BRIG_DEBUG is set. */

import { messageOf } from "../../base/errors.ts";

export function errorText(error: unknown, environment: Readonly<Record<string, string | undefined>>): string {
  return `brig: ${messageOf(error)}\n${environment.BRIG_DEBUG ? debugText(error) : ""}`;
}

/** With the stacks of the error and of everything that led to it. */
function debugText(error: unknown): string {
  const lines: string[] = [];
  for (let at = error; at !== undefined; at = at instanceof Error ? at.cause : undefined)
    lines.push(at instanceof Error ? (at.stack ?? at.message) : String(at));
  return `${lines.join("\ncaused by: ")}\n`;
}
