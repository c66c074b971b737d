/**
 * `--format`: a template, the word `json`, or for lists the word `table`, alone or before a template.
 *
 * A list's columns are a record of functions; the default table, JSON and templates all read it.
 */

import { formatJson } from "../../spec/schema/json.ts";
import { formatTable } from "./table.ts";
import { compileTemplate, renderTemplate } from "./template.ts";

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
  if (format === undefined || format === "" || format === "table") {
    const table = shown.map((name) => columns[name]!);
    return formatTable([
      table.map(({ title }) => title),
      ...rows.map((row) => table.map(({ text }) => text(row))),
    ]);
  }
  const records = rows.map((row) => recordOf(columns, row));
  if (format === "json") return records.map((record) => `${JSON.stringify(record)}\n`).join("");
  if (!format.startsWith("table ")) {
    const render = compileTemplate(withControls(format));
    return records.map((record) => `${render(record)}\n`).join("");
  }
  const titles = mapColumns(columns, (column) => column.title);
  const render = compileTemplate(withControls(format.slice("table ".length)));
  return formatTable([titles, ...records].map((record) => render(record).split("\t")));
}

/** One value through a template; `json` prints all of it. */
export function formatOne(template: string, value: unknown): string {
  if (template === "json") return formatJson(value);
  return renderTemplate(withControls(template), value);
}

function mapColumns<Row>(
  columns: Columns<Row>,
  read: (column: Column<Row>) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, read(column)]));
}

/** The texts of a row, each made when it is read: some cost more than a list needs to pay. */
export function recordOf<Row>(columns: Columns<Row>, row: Row): Record<string, string> {
  const record: Record<string, string> = {};
  for (const [name, column] of Object.entries(columns))
    Object.defineProperty(record, name, { enumerable: true, get: () => column.text(row) });
  return record;
}

/** `\t` and `\n`, as shells leave them in single quotes. */
function withControls(template: string): string {
  return template.replaceAll("\\t", "\t").replaceAll("\\n", "\n");
}
