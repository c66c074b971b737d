/** Two streams in one: before each piece eight bytes say which it is and how long (Engine API, ContainerAttach). */

const numbers = { stdin: 0, stdout: 1, stderr: 2 } as const;

export function framed(stream: keyof typeof numbers, bytes: Uint8Array): Uint8Array {
  const frame = Buffer.allocUnsafe(8 + bytes.length);
  frame.writeUInt32BE(numbers[stream] * 2 ** 24, 0);
  frame.writeUInt32BE(bytes.length, 4);
  frame.set(bytes, 8);
  return frame;
}

export const rawStream = "application/vnd.docker.raw-stream";
export const multiplexedStream = "application/vnd.docker.multiplexed-stream";
