/**
 * Files of `KEY=VALUE` lines, for `--env-file` and `--label-file`.
 *
 * Values are taken as they stand: no quotes, no escapes, no expansion. Lines that begin with `#` and empty lines
 * are skipped, blanks before a key too, and a byte order mark.
 */

import { BrigError } from "../../../base/errors.ts";

/** The entries in order: `KEY=VALUE`, or `KEY` alone. `path` is for messages. */
export function parseKeyFile(path: string, content: Uint8Array): readonly string[] {
  const invalid = (reason: string) => new BrigError("invalid", `invalid env file (${path}): ${reason}`);
  const entries: string[] = [];
  for (const [index, bytes] of lines(content).entries()) {
    const line = decode(bytes);
    if (line === undefined) {
      throw invalid(`invalid utf8 bytes at line ${index + 1}: [${[...withoutReturn(bytes)].join(" ")}]`);
    }
    const entry = (index === 0 ? line.replace(/^\uFEFF/, "") : line).trimStart();
    if (entry === "" || entry.startsWith("#")) continue;
    const name = entry.split("=", 1)[0]!;
    if (name === "") throw invalid(`no variable name on line '${entry}'`);
    if (/\s/.test(name)) throw invalid(`variable '${name}' contains whitespaces`);
    entries.push(entry);
  }
  return entries;
}

function lines(content: Uint8Array): readonly Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let start = 0; start < content.length; ) {
    const feed = content.indexOf(0x0a, start);
    const end = feed < 0 ? content.length : feed;
    found.push(content.subarray(start, end));
    start = end + 1;
  }
  return found;
}

function withoutReturn(bytes: Uint8Array): Uint8Array {
  return bytes.at(-1) === 0x0d ? bytes.subarray(0, -1) : bytes;
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(withoutReturn(bytes));
  } catch {
    return undefined;
  }
}
