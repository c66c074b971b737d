/** Ethernet addresses: six bytes, as `92:d0:c6:0a:29:33`, with dashes, or as `92d0.c60a.2933`. */

import type { FlagType } from "../../flags/flag.ts";

export const macAddress: FlagType<string, undefined> = {
  word: "string",
  initial: undefined,
  whole: true,
  read: parseMac,
};

/** The address in lower case with colons. */
export function parseMac(text: string): string {
  const shapes = [
    /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i,
    /^([0-9a-f]{2}-){5}[0-9a-f]{2}$/i,
    /^([0-9a-f]{4}\.){2}[0-9a-f]{4}$/i,
  ];
  if (!shapes.some((shape) => shape.test(text))) throw new Error(`${text} is not a valid mac address`);
  return text
    .toLowerCase()
    .replace(/[^0-9a-f]/g, "")
    .match(/../g)!
    .join(":");
}
