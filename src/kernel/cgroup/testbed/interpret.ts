/**
 * Runs a device filter as the kernel would: eBPF as far as the filters use it, with what the verifier forbids refused
 * (unknown instructions, jumps backward or out of the program, registers that were never written, no end).
 */

export interface DeviceRequest {
  readonly type: number;
  readonly access: number;
  readonly major: number;
  readonly minor: number;
}

/** r0 at the end: 1 allows. */
export function interpret(program: Buffer, request: DeviceRequest): number {
  const context = [((request.access << 16) | request.type) >>> 0, request.major, request.minor];
  const registers = new Map<number, bigint | "context">([[1, "context"]]);
  const read = (register: number): bigint => {
    const value = registers.get(register);
    if (typeof value !== "bigint") throw new Error(`r${register} is not a number`);
    return value;
  };
  for (let at = 0; at * 8 < program.length; at++) {
    const code = program.readUInt8(at * 8);
    const registerByte = program.readUInt8(at * 8 + 1);
    const [dst, src] = [registerByte & 15, registerByte >> 4];
    const offset = program.readInt16LE(at * 8 + 2);
    const immediate = BigInt.asUintN(64, BigInt(program.readInt32LE(at * 8 + 4)));
    if (code === 0x95) return Number(read(0));
    if (code === 0x61) {
      if (registers.get(src) !== "context" || offset % 4 !== 0) throw new Error("a load from elsewhere");
      const word = context[offset / 4];
      if (word === undefined) throw new Error("a load beyond the context");
      registers.set(dst, BigInt(word));
    } else if (code === 0xb7) registers.set(dst, immediate);
    else if (code === 0xbf) registers.set(dst, read(src));
    else if (code === 0x57) registers.set(dst, read(dst) & immediate);
    else if (code === 0x77) registers.set(dst, read(dst) >> immediate);
    else if (code === 0x15 || code === 0x55) {
      if (offset < 0) throw new Error("a jump backward");
      if ((read(dst) === immediate) === (code === 0x15)) at += offset;
    } else throw new Error(`unknown instruction 0x${code.toString(16)}`);
  }
  throw new Error("no end");
}
