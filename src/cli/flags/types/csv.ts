/**
 * One record of comma-separated values (RFC 4180), as `--mount` and `--network` use it.
 *
 * A field that begins with a quote ends at the next single quote, and `""` inside it is one quote. The reasons
 * are those of Go's encoding/csv, which Docker shows.
 */
export function parseCsv(record: string): readonly string[] {
  if (record === "") throw new Error("EOF");
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    const quoted = record[at] === '"';
    const field = quoted ? quotedField(record, at + 1) : plainField(record, at);
    fields.push(field.value);
    if (field.end === record.length) return fields;
    at = field.end + 1;
  }
}

interface Field {
  readonly value: string;
  /** Index of the comma after the field, or the record's length. */
  readonly end: number;
}

function plainField(record: string, start: number): Field {
  const comma = record.indexOf(",", start);
  const end = comma < 0 ? record.length : comma;
  const quote = record.slice(start, end).indexOf('"');
  if (quote >= 0) throw syntaxError(record, start + quote, 'bare " in non-quoted-field');
  return { value: record.slice(start, end), end };
}

function quotedField(record: string, start: number): Field {
  let value = "";
  for (let at = start; ; ) {
    const quote = record.indexOf('"', at);
    if (quote < 0) throw syntaxError(record, record.length, 'extraneous or missing " in quoted-field');
    value += record.slice(at, quote);
    if (record[quote + 1] !== '"') {
      const end = quote + 1;
      if (end === record.length || record[end] === ",") return { value, end };
      throw syntaxError(record, quote, 'extraneous or missing " in quoted-field');
    }
    value += '"';
    at = quote + 2;
  }
}

/** Columns are counted in bytes, from 1. */
function syntaxError(record: string, index: number, what: string): Error {
  return new Error(`parse error on line 1, column ${Buffer.byteLength(record.slice(0, index)) + 1}: ${what}`);
}
