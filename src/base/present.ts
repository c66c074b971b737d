/** Records of which only what was said is present. */

/** The record without members that are undefined, empty lists and empty records; undefined when nothing is left. */
export function present<T extends Readonly<Record<string, unknown>>>(record: T): Present<T> {
  const entries = Object.entries(record).filter(([, value]) => !isEmpty(value));
  return Object.fromEntries(entries) as Present<T>;
}

export type Present<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

function isEmpty(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return value === undefined;
  return Array.isArray(value) ? value.length === 0 : Object.keys(value).length === 0;
}
