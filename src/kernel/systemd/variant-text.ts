/**
 * The text of a value as GVariant has it (docs.gtk.org/glib/gvariant-text-format.html), as far as properties of units
 * need it: booleans, numbers, text, lists, and the words that say which type is meant.
 */

import type { Value, Variant } from "../dbus/type.ts";

/** Undefined when it is not one. */
export function parseVariantText(text: string): Variant | undefined {
  const tokens = text.match(token);
  if (!tokens || tokens.join("") !== text) return undefined;
  const words = tokens.map((word) => word.trim()).filter((word) => word !== "");
  const reader: Reader = { words, at: 0 };
  const found = readValue(reader);
  return found && reader.at === words.length ? found : undefined;
}

const token = /\s+|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[[\],]|[^\s'"[\],]+/gs;

interface Reader {
  readonly words: readonly string[];
  at: number;
}

/** Names of types that may stand before a value. */
// biome-ignore format: a table
const typeNames: Readonly<Record<string, string>> = {
  boolean: "b", byte: "y", int16: "n", uint16: "q", int32: "i", uint32: "u", int64: "x", uint64: "t", double: "d",
  string: "s", objectpath: "o", signature: "g",
};

function readValue(r: Reader, type?: string): Variant | undefined {
  const word = r.words[r.at++];
  if (word === undefined) return undefined;
  const named = word.startsWith("@")
    ? word.slice(1)
    : Object.hasOwn(typeNames, word)
      ? typeNames[word]
      : undefined;
  if (named !== undefined) return type === undefined ? readValue(r, named) : undefined;
  if (word === "[") return readList(r, type);
  if (/^['"]/.test(word)) return oneOf("sog", type, unquoted(word));
  if (word === "true" || word === "false") return oneOf("b", type, word === "true");
  return readNumber(word, type);
}

/** All elements are of the type of the first one; an empty list needs one that is said. */
function readList(r: Reader, type: string | undefined): Variant | undefined {
  if (type !== undefined && !type.startsWith("a")) return undefined;
  let element = type?.slice(1);
  const values: Value[] = [];
  while (r.words[r.at] !== "]") {
    if (values.length > 0 && r.words[r.at++] !== ",") return undefined;
    const found = readValue(r, element);
    if (!found) return undefined;
    element ??= found.signature;
    values.push(found.value);
  }
  r.at++;
  return element === undefined ? undefined : { signature: `a${element}`, value: values };
}

function oneOf(types: string, wanted: string | undefined, value: Value): Variant | undefined {
  const signature = wanted ?? types[0]!;
  return signature.length === 1 && types.includes(signature) ? { signature, value } : undefined;
}

/** Bits of each type of whole numbers, and whether it has a sign. */
const ranges: Readonly<Record<string, readonly [bits: bigint, signed: boolean]>> = {
  y: [8n, false],
  n: [16n, true],
  q: [16n, false],
  i: [32n, true],
  u: [32n, false],
  x: [64n, true],
  t: [64n, false],
};

/** A whole number is an int32 and any other a double, if nothing else is said. */
function readNumber(word: string, type: string | undefined): Variant | undefined {
  const whole = /^[+-]?(?:\d+|0x[0-9a-f]+)$/i.test(word);
  if (!whole && !/^[+-]?(?:\d+\.\d*|\.\d+|\d+(?=e))(?:e[+-]?\d+)?$/i.test(word)) return undefined;
  const signature = type ?? (whole ? "i" : "d");
  if (signature === "d") return { signature, value: Number(word) };
  const range = ranges[signature];
  if (!range || !whole) return undefined;
  const value = word.startsWith("-") ? -BigInt(word.slice(1)) : BigInt(word.replace("+", ""));
  const [bits, signed] = range;
  if ((signed ? BigInt.asIntN : BigInt.asUintN)(Number(bits), value) !== value) return undefined;
  return { signature, value: bits === 64n ? value : Number(value) };
}

const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f" };

function unquoted(word: string): string {
  return word.slice(1, -1).replace(/\\(.)/gs, (_, letter: string) => escapes[letter] ?? letter);
}
