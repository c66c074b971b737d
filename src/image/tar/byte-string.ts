/**
 * Names in archives are bytes, not text: a file name may be Latin-1, Shift-JIS or noise and must survive.
 *
 * A `ByteString` is a string in which every character stands for one byte (U+0000 to U+00FF). It compares,
 * slices and works as a key of a Map like any string, and one-byte strings are the cheapest the engines have.
 * The brand keeps it from being mixed up with text.
 */

declare const brand: unique symbol;
export type ByteString = string & { readonly [brand]: "ByteString" };

/** The bytes as a string of bytes. */
export function byteString(bytes: Uint8Array): ByteString {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1") as ByteString;
}

/** Text, encoded as UTF-8. */
export function encodeText(text: string): ByteString {
  return isAscii(text) ? (text as ByteString) : (Buffer.from(text, "utf8").toString("latin1") as ByteString);
}

/** The bytes themselves, as a system call wants them. */
export function bytesOf(name: ByteString): Buffer {
  return Buffer.from(name, "latin1");
}

/** What a person may read of it: UTF-8 with a replacement character for what is not. */
export function displayText(name: ByteString): string {
  return isAscii(name) ? name : bytesOf(name).toString("utf8");
}

export function isAscii(text: string): boolean {
  return !/[^\x00-\x7f]/.test(text);
}
