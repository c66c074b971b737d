/** `--detach-keys ctrl-p,ctrl-q`: the bytes that take the caller's terminal off the container. */

import type { FlagType } from "../../flags/flag.ts";

export const detachKeys: FlagType<Uint8Array, Uint8Array> = {
  word: "string",
  initial: Uint8Array.of(0x10, 0x11),
  whole: true,
  read: parseDetachKeys,
};

/** Names of single keys, besides printable characters. */
const named: Readonly<Record<string, number>> = {
  "ctrl-@": 0x00,
  "ctrl-[": 0x1b,
  "ctrl-\\": 0x1c,
  "ctrl-]": 0x1d,
  "ctrl-^": 0x1e,
  "ctrl-_": 0x1f,
  DEL: 0x7f,
};

/** The empty text keeps the default, ctrl-p ctrl-q. */
export function parseDetachKeys(text: string): Uint8Array {
  if (text === "") return Uint8Array.of(0x10, 0x11);
  return Uint8Array.from(text.split(","), (key) => {
    const code = keyCode(key);
    if (code === undefined) throw new Error(`invalid detach keys (${text}) provided`);
    return code;
  });
}

function keyCode(key: string): number | undefined {
  if (Object.hasOwn(named, key)) return named[key];
  if (/^ctrl-[a-z]$/.test(key)) return key.charCodeAt(5) - 0x60;
  return key.length === 1 && key.charCodeAt(0) < 0x80 ? key.charCodeAt(0) : undefined;
}
