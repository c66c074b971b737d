/** Points in time as documents have them. */

/** Milliseconds since 1970; undefined for Go's zero time, which is what has not happened. */
export function milliseconds(text: string | undefined): number | undefined {
  if (text === undefined || text.startsWith("0001-01-01T")) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}
