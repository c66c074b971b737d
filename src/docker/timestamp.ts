/** Points in time as Docker prints them. Arguments are milliseconds since 1970. */

/** RFC 3339 in UTC, as JSON has it; Go's zero time for what has not happened. */
export function timestamp(time: number | undefined): string {
  return time === undefined ? "0001-01-01T00:00:00Z" : new Date(time).toISOString();
}

/** "2026-11-20 19:40:00 +0000 UTC", for columns. */
export function columnTime(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19).replace("T", " ")} +0000 UTC`;
}

/** RFC 3339 with nine digits in the zone of this process: "2026-11-25T23:23:47.173000000+01:00". */
export function localTime(time: number): string {
  const ahead = -new Date(time).getTimezoneOffset();
  const local = new Date(time + ahead * 60_000).toISOString().slice(0, -1);
  const digits = (value: number) => String(Math.floor(value)).padStart(2, "0");
  const size = Math.abs(ahead);
  const zone = ahead === 0 ? "Z" : `${ahead < 0 ? "-" : "+"}${digits(size / 60)}:${digits(size % 60)}`;
  return `${local}000000${zone}`;
}
