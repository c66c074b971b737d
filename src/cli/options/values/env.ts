/**
 * `--env` and `--env-file`.
 *
 * `KEY=VALUE` sets; `KEY` takes the caller's value, and where the caller has none it removes the variable that
 * the image sets. Files come first, flags override them.
 */

import { listOf } from "../../flags/types/text.ts";
import { parseKeyFile } from "./key-file.ts";

export const environmentList = listOf((text) => {
  if (text === "" || text.startsWith("=")) throw new Error(`invalid environment variable: ${text}`);
  return text;
});

/** What the caller's side gives: its own environment, and how to read a file. */
export interface EnvironmentSource {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly readFile: (path: string) => Uint8Array;
}

/** `KEY=VALUE` in order of precedence, lowest first; a lone `KEY` removes the variable. */
export function resolveEnvironment(
  entries: readonly string[],
  files: readonly string[],
  source: EnvironmentSource,
): readonly string[] {
  const inherited = (entry: string) => {
    const value = source.environment[entry];
    return value === undefined ? undefined : `${entry}=${value}`;
  };
  const fromFiles = files
    .flatMap((path) => parseKeyFile(path, source.readFile(path)))
    .flatMap((entry) => (entry.includes("=") ? [entry] : (inherited(entry) ?? [])));
  const fromFlags = entries.map((entry) => (entry.includes("=") ? entry : (inherited(entry) ?? entry)));
  return [...fromFiles, ...fromFlags];
}
