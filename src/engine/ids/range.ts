/** Ranges of the host's user and group ids, of which each container with a user namespace has one for itself. */

export interface IdRange {
  readonly first: number;
  readonly size: number;
}

/** As many ids as there are numbers of 16 bits: what images are made for. */
export const usualSize = 65_536;
/** What a root gets at once, and so the most that a container can have. */
export const poolSize = 64 * usualSize;
/** The first of all that are given away (ledger.ts). */
export const firstId = 0x7000_0000;

export const endOf = ({ first, size }: IdRange): number => first + size;

export function overlap(a: IdRange, b: IdRange): boolean {
  return a.first < endOf(b) && b.first < endOf(a);
}

/**
 * The next free range of the pools from `from` on, and then around, so that a range is not given away again while files
 * that its last owner has left on the host are still fresh. Undefined where none is large enough.
 */
export function freeRange(
  pools: readonly IdRange[],
  taken: readonly IdRange[],
  size: number,
  from = 0,
): IdRange | undefined {
  const gaps = pools.flatMap((pool) => gapsOf(pool, taken));
  const behind = gaps.flatMap((gap) => {
    const first = Math.max(gap.first, from);
    return first < endOf(gap) ? [{ first, size: endOf(gap) - first }] : [];
  });
  const found = [...behind, ...gaps].find((gap) => gap.size >= size);
  return found && { first: found.first, size };
}

/** What is left of a pool, in order. */
function gapsOf(pool: IdRange, taken: readonly IdRange[]): readonly IdRange[] {
  const within = taken.filter((range) => overlap(range, pool)).toSorted((a, b) => a.first - b.first);
  const gaps: IdRange[] = [];
  let first = pool.first;
  for (const range of within) {
    if (range.first > first) gaps.push({ first, size: range.first - first });
    first = Math.max(first, endOf(range));
  }
  if (first < endOf(pool)) gaps.push({ first, size: endOf(pool) - first });
  return gaps;
}
