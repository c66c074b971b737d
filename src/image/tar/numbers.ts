/**
 * Numbers in tar headers: octal text (POSIX ustar), or base-256 when the first bit is set (GNU, star).
 *
 * https://www.gnu.org/software/tar/manual/html_node/Extensions.html
 */

import { malformed } from "./malformed.ts";

/** The number in `block[start, start + length)`. */
export function readNumber(block: Uint8Array, start: number, length: number, what: string): number {
  return (block[start]! & 0x80) !== 0
    ? readBase256(block, start, length, what)
    : readOctal(block, start, length, what);
}

/** Blanks and NULs on either side are padding, as in every reader; a field of padding only is 0. */
function readOctal(block: Uint8Array, start: number, length: number, what: string): number {
  const end = start + length;
  let at = start;
  while (at < end && (block[at] === 0x20 || block[at] === 0)) at++;
  let value = 0;
  for (; at < end; at++) {
    const digit = block[at]! - 0x30;
    if (digit < 0 || digit > 7) break;
    value = value * 8 + digit;
  }
  // Readers that stop at the first bad digit disagree with those that do not about where the next header is;
  // a layer could then show one set of files to a scanner and another to the engine.
  if (at < end && block[at] !== 0x20 && block[at] !== 0) throw malformed(`the ${what} is not a number`);
  return value;
}

/** Two's complement, big endian; bit 7 of the first byte is the marker, bit 6 the sign. */
function readBase256(block: Uint8Array, start: number, length: number, what: string): number {
  const first = block[start]!;
  const negative = (first & 0x40) !== 0;
  let value = negative ? (first & 0x7f) - 0x80 : first & 0x7f;
  for (let at = start + 1; at < start + length; at++) {
    value = value * 256 + block[at]!;
    // A number that wraps around, or loses its low bits, would again move the next header.
    if (!Number.isSafeInteger(value)) throw malformed(`the ${what} is too large`);
  }
  return value;
}

/** Writes zero-padded octal with a closing NUL. False when it does not fit: the value belongs in a PAX record. */
export function writeOctal(block: Uint8Array, start: number, length: number, value: number): boolean {
  const fits = value >= 0 && value < 8 ** (length - 1);
  let rest = fits ? value : 0;
  for (let at = start + length - 2; at >= start; at--) {
    block[at] = 0x30 + (rest % 8);
    rest = Math.floor(rest / 8);
  }
  block[start + length - 1] = 0;
  return fits;
}
