/**
 * What one check of a root is: it finds what does not belong, and mends one of its findings.
 *
 * Invariants: `find` changes nothing, and looks at things that come and go before it reads the rows that explain them.
 * What is in the making may be found all the same: only what is found again and again is told (`look.ts`). `mend` may
 * come late, when the finding holds no more, or while another brig mends the same: it looks again, under the lock or in
 * the transaction that others make and remove such things in, and does nothing harmful twice.
 */

import type { EngineHost } from "../host.ts";

export interface Finding<Data = unknown> {
  /** A word or two: "cgroup". */
  readonly what: string;
  /** Its path, or its name. */
  readonly where: string;
  /** Why it does not belong. */
  readonly why: string;
  readonly remedy: Remedy;
  /** For `mend`. */
  readonly data: Data;
}

export type Remedy =
  /** What a repair does: "removes it". */
  | { readonly kind: "repair"; readonly does: string }
  /** Where no repair is possible: what the user can do. */
  | { readonly kind: "advice"; readonly say: string };

export const repair = (does: string): Remedy => ({ kind: "repair", does });
export const advice = (say: string): Remedy => ({ kind: "advice", say });

export interface CheckOptions {
  /** Also what takes long: every blob is read. */
  readonly deep?: boolean;
}

export interface Check<Data = unknown> {
  readonly find: (
    host: EngineHost,
    options: CheckOptions,
  ) => readonly Finding<Data>[] | Promise<readonly Finding<Data>[]>;
  readonly mend: (host: EngineHost, data: Data) => void | Promise<void>;
  /** One look is enough: no other brig is on the way to or from it, or looking costs too much. */
  readonly once?: true;
}

/** For the table, which holds checks of every kind of data. */
export function check<Data>(its: Check<Data>): Check {
  return its as unknown as Check;
}
