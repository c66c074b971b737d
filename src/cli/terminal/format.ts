/**
 * `--format`: text with `{{.Field}}`, `{{.A.B}}`, `{{.}}` and `{{json .Field}}` in it, and the word `json`.
 *
 * A list's columns are a record of functions; the default table, JSON and templates all read it.
 */

import { BrigError } from "../../base/errors.ts";
import { formatTable } from "./table.ts";

/** A column's title and its text for a row. */
export interface Column<Row> {
  readonly title: string;
  readonly text: (row: Row) => string;
}

export type Columns<Row> = Readonly<Record<string, Column<Row>>>;

/** A list as `--format` asks; `shown` are the columns of the default table, in order. Ends with a line end unless empty. */
export function formatList<Row>(
  format: string | undefined,
  columns: Columns<Row>,
  shown: readonly (keyof Columns<Row>)[],
  rows: readonly Row[],
): string {
  const records = rows.map((row) => recordOf(columns, row));
  const titles = mapColumns(columns, (column) => column.title);
  if (format === undefined || format === "" || format === "table") {
    return formatTable([titles, ...records].map((record) => shown.map((name) => record[name]!)));
  }
  if (format === "json") return records.map((record) => `${JSON.stringify(record)}\n`).join("");
  if (!format.startsWith("table ")) return records.map((record) => `${formatOne(format, record)}\n`).join("");
  const template = format.slice("table ".length);
  return formatTable([titles, ...records].map((record) => formatOne(template, record).split("\t")));
}

/** One value through a template; `json` prints all of it. */
export function formatOne(template: string, value: unknown): string {
  if (template === "json") return JSON.stringify(value);
  return parseTemplate(withControls(template))
    .map((part) => (part.kind === "text" ? part.text : render(part, value)))
    .join("");
}

type Part =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "field"; readonly path: readonly string[]; readonly json: boolean };

function parseTemplate(template: string): readonly Part[] {
  const parts: Part[] = [];
  let at = 0;
  for (;;) {
    const open = template.indexOf("{{", at);
    parts.push({ kind: "text", text: template.slice(at, open < 0 ? undefined : open) });
    if (open < 0) return parts;
    const close = template.indexOf("}}", open);
    if (close < 0) throw new BrigError("invalid", "cannot parse the format: unclosed action");
    parts.push(parseAction(template.slice(open + 2, close)));
    at = close + 2;
  }
}

function parseAction(action: string): Part {
  const [, json, path] = /^\s*(json\s+)?\.([\w.]*)\s*$/.exec(action) ?? [];
  if (path === undefined) {
    throw new BrigError(
      "invalid",
      `cannot parse the format: "{{${action}}}" is not supported; use {{.Field}} or {{json .Field}}`,
    );
  }
  return { kind: "field", path: path === "" ? [] : path.split("."), json: json !== undefined };
}

function render({ path, json }: Part & { kind: "field" }, value: unknown): string {
  let found: unknown = value;
  for (const name of path) {
    const holds = typeof found === "object" && found !== null && Object.hasOwn(found, name);
    if (!holds)
      throw new BrigError("invalid", `cannot print with the format: there is no field .${path.join(".")}`);
    found = (found as Record<string, unknown>)[name];
  }
  return json ? JSON.stringify(found) : plain(found);
}

/** Values as Go's templates print them. */
function plain(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(plain).join(" ")}]`;
  if (value === null || value === undefined) return "<nil>";
  if (typeof value !== "object") return String(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${entries.map(([name, inner]) => `${name}:${plain(inner)}`).join(" ")}]`;
}

function mapColumns<Row>(
  columns: Columns<Row>,
  read: (column: Column<Row>) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, read(column)]));
}

/** The texts of a row, each made when it is read: some cost more than a list needs to pay. */
function recordOf<Row>(columns: Columns<Row>, row: Row): Record<string, string> {
  const record: Record<string, string> = {};
  for (const [name, column] of Object.entries(columns))
    Object.defineProperty(record, name, { enumerable: true, get: () => column.text(row) });
  return record;
}

/** `\t` and `\n`, as shells leave them in single quotes. */
function withControls(template: string): string {
  return template.replaceAll("\\t", "\t").replaceAll("\\n", "\n");
}
