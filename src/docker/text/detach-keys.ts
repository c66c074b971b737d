/** `ctrl-p,ctrl-q`: the bytes that take a terminal off a container, as flags and requests write them. */

/** ctrl-p ctrl-q */
export const defaultDetachKeys = (): Uint8Array => Uint8Array.of(0x10, 0x11);

/** The empty text keeps the default, ctrl-p ctrl-q. */
export function parseDetachKeys(text: string): Uint8Array {
  if (text === "") return defaultDetachKeys();
  return Uint8Array.from(text.split(","), (key) => {
    const code = keyCode(key);
    if (code === undefined) throw new Error(`invalid detach keys (${text}) provided`);
    return code;
  });
}

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

function keyCode(key: string): number | undefined {
  if (Object.hasOwn(named, key)) return named[key];
  if (/^ctrl-[a-z]$/.test(key)) return key.charCodeAt(5) - 0x60;
  return key.length === 1 && key.charCodeAt(0) < 0x80 ? key.charCodeAt(0) : undefined;
}
