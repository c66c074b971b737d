/**
 * Runs a compiled filter as the kernel would (net/core/filter.c, kernel/seccomp.c). For tests: what a filter
 * answers can be asked for any call of any architecture without making it.
 */

/** One system call, as struct seccomp_data shows it to a filter. */
export interface Call {
  readonly audit: number;
  readonly number: number;
  readonly args?: readonly bigint[];
}

/** The SECCOMP_RET_* value for the call; throws where the kernel would refuse the program. */
export function interpret(program: Uint8Array, call: Call): number {
  const code = new DataView(program.buffer, program.byteOffset, program.byteLength);
  const data = dataOf(call);
  let accumulator = 0;
  for (let at = 0; at < program.byteLength; ) {
    const k = code.getUint32(at + 4, true);
    const operation = code.getUint16(at, true);
    at += 8;
    switch (operation) {
      case 0x20:
        accumulator = data.getUint32(k, true);
        break;
      case 0x54:
        accumulator = (accumulator & k) >>> 0;
        break;
      case 0x05:
        at += k * 8;
        break;
      case 0x15:
      case 0x25:
      case 0x35: {
        const holds =
          operation === 0x15 ? accumulator === k : operation === 0x25 ? accumulator > k : accumulator >= k;
        at += code.getUint8(at - (holds ? 6 : 5)) * 8;
        break;
      }
      case 0x06:
        return k;
      default:
        throw new Error(`instruction ${at / 8 - 1} has the unknown code 0x${operation.toString(16)}`);
    }
  }
  throw new Error("the program runs past its end");
}

function dataOf({ audit, number, args = [] }: Call): DataView {
  const data = new DataView(new ArrayBuffer(64));
  data.setUint32(0, number, true);
  data.setUint32(4, audit, true);
  for (const [index, arg] of args.entries()) data.setBigUint64(16 + 8 * index, arg, true);
  return data;
}
