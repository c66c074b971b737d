/** Truth as Docker reads it in flags, filters and query parameters. */

import { quote } from "./quote.ts";

/** The spellings of Go's strconv.ParseBool. */
const spellings: Readonly<Record<string, boolean>> = {
  "1": true,
  t: true,
  T: true,
  TRUE: true,
  true: true,
  True: true,
  "0": false,
  f: false,
  F: false,
  FALSE: false,
  false: false,
  False: false,
};

export function parseBoolean(text: string): boolean {
  const value = Object.hasOwn(spellings, text) ? spellings[text] : undefined;
  if (value === undefined) throw new Error(`strconv.ParseBool: parsing ${quote(text)}: invalid syntax`);
  return value;
}
