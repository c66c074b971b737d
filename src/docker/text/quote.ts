/** Text in double quotes as Go's `%q` writes it: error texts of the command line show arguments so. */
export function quote(text: string): string {
  let quoted = '"';
  for (const c of text) quoted += short[c] ?? (isControl(c) ? escaped(c) : c);
  return `${quoted}"`;
}

const short: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
};

function isControl(c: string): boolean {
  const code = c.codePointAt(0)!;
  return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

function escaped(c: string): string {
  const code = c.codePointAt(0)!;
  return code < 0x80
    ? `\\x${code.toString(16).padStart(2, "0")}`
    : `\\u${code.toString(16).padStart(4, "0")}`;
}
