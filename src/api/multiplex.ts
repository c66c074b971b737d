/** Two streams in one: before each piece eight bytes say which it is and how long (Engine API, ContainerAttach). */

const numbers = { stdin: 0, stdout: 1, stderr: 2 } as const;

export interface Piece {
  readonly stream: keyof typeof numbers;
  readonly bytes: Uint8Array;
}

export function framed(stream: Piece["stream"], bytes: Uint8Array): Uint8Array {
  return framedTogether([{ stream, bytes }]);
}

/** A frame for each piece, in one buffer. */
export function framedTogether(pieces: readonly Piece[]): Uint8Array {
  const size = pieces.reduce((total, { bytes }) => total + headSize + bytes.length, 0);
  const frames = Buffer.allocUnsafe(size);
  let at = 0;
  for (const { stream, bytes } of pieces) {
    frames.writeUInt32BE(numbers[stream] * 2 ** 24, at);
    frames.writeUInt32BE(bytes.length, at + 4);
    frames.set(bytes, at + headSize);
    at += headSize + bytes.length;
  }
  return frames;
}

const headSize = 8;

export const rawStream = "application/vnd.docker.raw-stream";
export const multiplexedStream = "application/vnd.docker.multiplexed-stream";
