/** `--label` and `--label-file`: `KEY=VALUE`, or `KEY` for an empty value. Files come first, flags override them. */

import { listOf } from "../../flags/types/text.ts";
import { parseKeyFile } from "./key-file.ts";

export const labelList = listOf((text) => {
  const name = text.split("=", 1)[0]!;
  if (name === "") throw new Error(`invalid label '${text}': empty name`);
  if (/\s/.test(name.trimStart())) throw new Error(`label '${name}' contains whitespaces`);
  return text;
});

export type Labels = Readonly<Record<string, string>>;

export function resolveLabels(
  entries: readonly string[],
  files: readonly string[],
  readFile: (path: string) => Uint8Array,
): Labels {
  const all = [...files.flatMap((path) => parseKeyFile(path, readFile(path))), ...entries];
  return Object.fromEntries(
    all.map((entry) => {
      const equals = entry.indexOf("=");
      return equals < 0 ? [entry, ""] : [entry.slice(0, equals), entry.slice(equals + 1)];
    }),
  );
}
