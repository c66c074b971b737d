/** How a stream is compressed, told by its first bytes: media types and file names lie, magic numbers rarely do. */

export type Compression = "none" | "gzip" | "zstd" | "xz" | "bzip2";

/** Bytes that must be at hand for the answer. */
export const magicLength = 6;

const magics: readonly (readonly [Exclude<Compression, "none">, readonly number[]])[] = [
  ["gzip", [0x1f, 0x8b, 0x08]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ["bzip2", [0x42, 0x5a, 0x68]],
];

export function detectCompression(head: Uint8Array): Compression {
  const found = magics.find(([, magic]) => magic.every((byte, at) => head[at] === byte));
  if (found) return found[0];
  return isSkippableFrame(head) ? "zstd" : "none";
}

/** RFC 8878, 3.1.2: zstd streams may begin with metadata, as zstd:chunked and pzstd write them. */
function isSkippableFrame(head: Uint8Array): boolean {
  return (head[0]! & 0xf0) === 0x50 && head[1] === 0x2a && head[2] === 0x4d && head[3] === 0x18;
}
