/** Points in time as Docker prints them. Arguments are milliseconds since 1970. */

/** RFC 3339 in UTC, as JSON has it; Go's zero time for what has not happened. */
export function timestamp(time: number | undefined): string {
  return time === undefined ? "0001-01-01T00:00:00Z" : new Date(time).toISOString();
}

/** "2026-11-20 19:40:00 +0000 UTC", for columns. */
export function columnTime(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19).replace("T", " ")} +0000 UTC`;
}
