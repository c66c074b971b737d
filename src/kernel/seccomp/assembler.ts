/**
 * Writes a classic BPF program (struct sock_filter, <linux/filter.h>) from its end to its start.
 *
 * Backwards, because jumps only go forward: whoever emits a jump already knows where its targets are.
 * Conditional jumps reach 255 instructions; farther answers are emitted again nearby, farther code is reached
 * by a `ja`. `load` and `and` fall through to the instruction emitted just before them.
 */

import { BrigError } from "../../base/errors.ts";

/**
 * Where a program goes on: it ends with an answer, or at an instruction counted from the end of the program.
 */
export type Target =
  | { readonly kind: "answer"; readonly value: number }
  | { readonly kind: "label"; readonly at: number };

export class FilterAssembler {
  readonly #reversed: Instruction[] = [];
  /** The answer's instruction nearest to the start so far. */
  readonly #answers = new Map<number, number>();

  /** Compares the accumulator with k. */
  jump(comparison: "jeq" | "jgt" | "jge", k: number, yes: Target, no: Target): Target {
    // Placing the second target can push the first one instruction farther.
    const yesAt = this.#near(yes, reach - 1);
    const noAt = this.#near(no, reach);
    const here = this.#reversed.length;
    return this.#emit({ code: codes[comparison], jt: here - yesAt - 1, jf: here - noAt - 1, k });
  }

  /** Loads 32 bits of struct seccomp_data into the accumulator. */
  load(offset: number): Target {
    return this.#emit({ code: codes.load, jt: 0, jf: 0, k: offset });
  }

  and(mask: number): Target {
    return this.#emit({ code: codes.and, jt: 0, jf: 0, k: mask });
  }

  /** The program as the kernel takes it, entered at what was emitted last; `entry` may be a bare answer. */
  finish(entry: Target): Uint8Array {
    if (entry.kind === "answer") this.#return(entry.value);
    const count = this.#reversed.length;
    if (count > maxInstructions) {
      const reason = `it needs ${count} instructions, and the kernel takes ${maxInstructions}`;
      throw new BrigError("invalid", `cannot compile seccomp profile: ${reason}; use fewer rules`);
    }
    const view = new DataView(new ArrayBuffer(count * instructionSize));
    for (const [index, { code, jt, jf, k }] of this.#reversed.entries()) {
      const at = (count - 1 - index) * instructionSize;
      view.setUint16(at, code, true);
      view.setUint8(at + 2, jt);
      view.setUint8(at + 3, jf);
      view.setUint32(at + 4, k, true);
    }
    return new Uint8Array(view.buffer);
  }

  #near(target: Target, limit: number): number {
    const at = target.kind === "label" ? target.at : this.#answers.get(target.value);
    const here = this.#reversed.length;
    if (at !== undefined && here - at - 1 <= limit) return at;
    if (target.kind === "answer") return this.#return(target.value);
    this.#emit({ code: codes.ja, jt: 0, jf: 0, k: here - target.at - 1 });
    return here;
  }

  #return(value: number): number {
    const at = this.#reversed.length;
    this.#emit({ code: codes.ret, jt: 0, jf: 0, k: value });
    this.#answers.set(value, at);
    return at;
  }

  #emit(instruction: Instruction): Target {
    return { kind: "label", at: this.#reversed.push(instruction) - 1 };
  }
}

interface Instruction {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

const reach = 255;
const instructionSize = 8;
/** BPF_MAXINSNS. */
const maxInstructions = 4096;

/**
 * BPF_LD|W|ABS, BPF_ALU|AND|K, BPF_JMP|…|K, BPF_RET|K: all that the kernel's cache of constant answers
 * understands.
 */
const codes = { load: 0x20, and: 0x54, ja: 0x05, jeq: 0x15, jgt: 0x25, jge: 0x35, ret: 0x06 } as const;
