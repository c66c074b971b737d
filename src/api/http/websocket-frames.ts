/**
 * Frames of the WebSocket protocol (RFC 6455, 5.2), as a server reads and writes them. Messages are of no interest: what
 * they carry is one stream of bytes, given on as it comes, so that no frame is too long to be held.
 */

/** Section 5.2, "opcode". */
const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export type Opcode = keyof typeof opcodes;

const names = new Map<number, Opcode>(
  Object.entries(opcodes).map(([name, number]) => [number, name as Opcode]),
);

export type Received =
  | { readonly kind: "data"; readonly bytes: Uint8Array }
  | { readonly kind: "close" | "ping" | "pong"; readonly bytes: Uint8Array };

/** What the client has sent is no WebSocket frame: the connection fails with code 1002 (7.4.1). */
export class FrameError extends Error {}

const final = 0x80;
const reserved = 0x70;
const masked = 0x80;
const longestControl = 125;
/** The first two bytes, a length of 64 bits, a key. */
const longestHead = 14;

interface Frame {
  readonly opcode: Opcode;
  readonly key: Uint8Array;
  readonly length: number;
}

/** Reads the frames of one client, which come in pieces of any size. */
export class FrameDecoder {
  #head: Uint8Array = new Uint8Array();
  #frame: Frame | undefined;
  #read = 0;
  #control: Uint8Array[] = [];
  /** A message has begun that has more frames to come. */
  #continues = false;

  *push(bytes: Uint8Array): Generator<Received> {
    for (let left = bytes; left.length > 0; ) {
      if (!this.#frame) {
        left = this.#begin(left);
        // It may carry nothing.
        if (this.#frame) yield* this.#payload(new Uint8Array());
        continue;
      }
      const part = left.subarray(0, this.#frame.length - this.#read);
      left = left.subarray(part.length);
      yield* this.#payload(part);
    }
  }

  /** What is left of the bytes behind the head, which may not be complete yet. */
  #begin(bytes: Uint8Array): Uint8Array {
    const before = this.#head.length;
    const head = Buffer.concat([this.#head, bytes.subarray(0, longestHead - before)]);
    const size = headSize(head);
    if (size === undefined || head.length < size) {
      this.#head = head;
      return bytes.subarray(head.length - before);
    }
    this.#frame = this.#checked(head.subarray(0, size));
    this.#head = new Uint8Array();
    this.#read = 0;
    return bytes.subarray(size - before);
  }

  #checked(head: Buffer): Frame {
    const [first = 0, second = 0] = head;
    const opcode = names.get(first & 0x0f);
    if (opcode === undefined) throw new FrameError(`unknown opcode ${first & 0x0f}`);
    if ((first & reserved) !== 0) throw new FrameError("reserved bits are set");
    if ((second & masked) === 0) throw new FrameError("a client's frame is not masked");
    const length = lengthOf(head);
    const isFinal = (first & final) !== 0;
    if (isControl(opcode)) {
      if (!isFinal || length > longestControl)
        throw new FrameError("a control frame is in parts or too long");
    } else {
      if ((opcode === "continuation") !== this.#continues)
        throw new FrameError("a frame does not go on with the message before it");
      this.#continues = !isFinal;
    }
    return { opcode, length, key: Uint8Array.from(head.subarray(head.length - 4)) };
  }

  *#payload(bytes: Uint8Array): Generator<Received> {
    const { opcode, key, length } = this.#frame!;
    const plain = bytes.map((byte, at) => byte ^ key[(this.#read + at) & 3]!);
    this.#read += bytes.length;
    const ends = this.#read === length;
    if (ends) this.#frame = undefined;
    if (!isControl(opcode)) {
      if (plain.length > 0) yield { kind: "data", bytes: plain };
      return;
    }
    this.#control.push(plain);
    if (!ends) return;
    yield { kind: opcode, bytes: Buffer.concat(this.#control.splice(0)) };
  }
}

type Control = "close" | "ping" | "pong";
const isControl = (opcode: Opcode): opcode is Control => opcodes[opcode] >= opcodes.close;

/** Bytes; undefined while that is not known. */
function headSize(head: Uint8Array): number | undefined {
  const second = head[1];
  if (second === undefined) return undefined;
  const short = second & 0x7f;
  return 2 + (short === 126 ? 2 : short === 127 ? 8 : 0) + ((second & masked) === 0 ? 0 : 4);
}

function lengthOf(head: Buffer): number {
  const short = head[1]! & 0x7f;
  if (short < 126) return short;
  if (short === 126) return head.readUInt16BE(2);
  const length = head.readBigUInt64BE(2);
  if (length > BigInt(Number.MAX_SAFE_INTEGER)) throw new FrameError("a frame is too long");
  return Number(length);
}

/** A whole message of a server's. */
export function encodeFrame(opcode: Opcode, payload: Uint8Array): Uint8Array {
  const { length } = payload;
  const extended = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const head = Buffer.alloc(2 + extended);
  head[0] = final | opcodes[opcode];
  head[1] = extended === 0 ? length : extended === 2 ? 126 : 127;
  if (extended === 2) head.writeUInt16BE(length, 2);
  if (extended === 8) head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, payload]);
}
