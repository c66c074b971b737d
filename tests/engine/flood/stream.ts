/**
 * The streams that writer.c writes, and an account of what a reader was given of one: every byte is compared, and
 * where bytes are missing the next ones tell how many.
 *
 * The n-th four bytes are `mix(n ^ key)`, which can be undone; so a few bytes say where in the stream they stand.
 */

export type StreamName = "stdout" | "stderr";

const keys: Readonly<Record<StreamName, number>> = { stdout: 0x12345678, stderr: 0xdeadbeef };

/** Bytes that were never given: from this position of the stream up to that one. */
export interface Gap {
  readonly from: number;
  readonly to: number;
}

/** Enough to hold three whole words at any alignment: two that agree by chance are one in four thousand million. */
export const leastToLocate = 16;

/** Where in the stream these bytes stand; undefined when they are none of it, or too few. */
export function locate(name: StreamName, bytes: Buffer): number | undefined {
  if (bytes.length < leastToLocate) return undefined;
  for (let skip = 0; skip < 4; skip++) {
    const [first, second, third] = [0, 4, 8].map(
      (at) => (unmix(bytes.readUInt32LE(skip + at)) ^ keys[name]) >>> 0,
    ) as [number, number, number];
    if (second !== first + 1 || third !== first + 2) continue;
    const position = first * 4 - skip;
    if (position >= 0 && expected(name, position, leastToLocate).equals(bytes.subarray(0, leastToLocate)))
      return position;
  }
  return undefined;
}

/** What the writer wrote there. */
export function expected(name: StreamName, position: number, length: number): Buffer {
  const first = Math.floor(position / 4);
  const words = new Uint32Array(Math.ceil((position - first * 4 + length) / 4));
  const key = keys[name];
  for (let i = 0; i < words.length; i++) words[i] = mix((first + i) ^ key);
  return Buffer.from(words.buffer).subarray(position - first * 4, position - first * 4 + length);
}

/** Takes what a reader was given of one stream. Throws where it is not what was written, in order. */
export class Account {
  readonly name: StreamName;
  readonly gaps: Gap[] = [];
  /** Where it began, once that is known. */
  start: number | undefined;
  /** Bytes taken. */
  read = 0;
  #next = 0;
  #unplaced: Buffer = Buffer.alloc(0);

  readonly #blocks: Blocks;

  constructor(name: StreamName, blocks: Blocks) {
    this.name = name;
    this.#blocks = blocks;
  }

  /** The position of the byte that would come next; undefined when the last ones could not be placed. */
  get end(): number | undefined {
    return this.#unplaced.length === 0 ? this.#next : undefined;
  }

  take(bytes: Buffer): void {
    this.read += bytes.length;
    let rest = this.#unplaced.length === 0 ? bytes : Buffer.concat([this.#unplaced, bytes]);
    let lost = this.start === undefined || this.#unplaced.length > 0;
    this.#unplaced = Buffer.alloc(0);
    while (rest.length > 0) {
      if (lost && !this.#place(rest)) {
        this.#unplaced = Buffer.from(rest);
        return;
      }
      const right = this.#agreeing(rest.subarray(0, blockSize - (this.#next % blockSize)));
      this.#next += right;
      rest = rest.subarray(right);
      lost = right === 0 || this.#next % blockSize !== 0;
    }
  }

  /** Finds where the bytes stand. False: more of them are needed. */
  #place(bytes: Buffer): boolean {
    if (bytes.length < leastToLocate) return false;
    const position = locate(this.name, bytes);
    if (position === undefined)
      throw new Error(`${this.name}: after byte ${this.#next} comes what was never written: ${text(bytes)}`);
    if (this.start === undefined) this.start = position;
    else if (position > this.#next) this.gaps.push({ from: this.#next, to: position });
    else throw new Error(`${this.name}: byte ${position} comes after byte ${this.#next}`);
    this.#next = position;
    return true;
  }

  /** How many of the bytes, which go no further than a block of the stream, are what comes next. */
  #agreeing(bytes: Buffer): number {
    const within = this.#next % blockSize;
    const wanted = this.#block((this.#next - within) / blockSize).subarray(within, within + bytes.length);
    if (wanted.equals(bytes)) return bytes.length;
    let [right, wrong] = [0, bytes.length];
    while (wrong - right > 1) {
      const middle = (right + wrong) >> 1;
      if (wanted.compare(bytes, right, middle, right, middle) === 0) right = middle;
      else wrong = middle;
    }
    return wanted[right] === bytes[right] ? right + 1 : right;
  }

  #block(number: number): Buffer {
    const key = `${this.name} ${number}`;
    const block = this.#blocks.get(key) ?? expected(this.name, number * blockSize, blockSize);
    this.#blocks.delete(key);
    this.#blocks.set(key, block);
    if (this.#blocks.size > mostBlocks) this.#blocks.delete(this.#blocks.keys().next().value!);
    return block;
  }
}

/** Blocks that were computed last, for readers that are not far from each other. */
export type Blocks = Map<string, Buffer>;

const blockSize = 1 << 20;
const mostBlocks = 64;

/** By chance the first bytes after a gap may be those that were missing: the gap then seems to be a little later. */
export function beginsAt(name: StreamName, gap: Gap, files: ReadonlySet<number>): Gap | undefined {
  for (let back = 0; back <= 8 && back <= gap.from; back++) {
    const [from, to] = [gap.from - back, gap.to - back];
    if (!expected(name, from, back).equals(expected(name, to, back))) return undefined;
    if (files.has(from) && files.has(to)) return { from, to };
  }
  return undefined;
}

const text = (bytes: Buffer) => bytes.toString("hex", 0, leastToLocate);

function mix(number: number): number {
  let x = number;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

/** The factors' inverses modulo 2^32. */
const [firstInverse, secondInverse] = [inverse(0x7feb352d), inverse(0x846ca68b)];

function unmix(number: number): number {
  let x = number ^ (number >>> 16);
  x = Math.imul(x, secondInverse);
  x ^= (x >>> 15) ^ (x >>> 30);
  x = Math.imul(x, firstInverse);
  return (x ^ (x >>> 16)) >>> 0;
}

/** By Newton's method: each step doubles the bits that are right. */
function inverse(factor: number): number {
  let x = factor;
  for (let bits = 3; bits < 32; bits *= 2) x = Math.imul(x, 2 - Math.imul(factor, x));
  return x;
}
