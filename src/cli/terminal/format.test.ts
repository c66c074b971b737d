import assert from "node:assert/strict";
import { test } from "node:test";
import { type Columns, formatList, formatOne } from "./format.ts";

interface Boat {
  readonly id: string;
  readonly masts: number;
}

const columns: Columns<Boat> = {
  ID: { title: "BOAT ID", text: ({ id }) => id },
  Masts: { title: "MASTS", text: ({ masts }) => String(masts) },
};

const boats: readonly Boat[] = [
  { id: "brig", masts: 2 },
  { id: "sloop", masts: 1 },
];

const listed: readonly (readonly [string | undefined, string])[] = [
  [undefined, "BOAT ID\nbrig\nsloop\n"],
  ["", "BOAT ID\nbrig\nsloop\n"],
  ["table", "BOAT ID\nbrig\nsloop\n"],
  ["table {{.ID}}\\t{{.Masts}}", "BOAT ID   MASTS\nbrig      2\nsloop     1\n"],
  ["json", '{"ID":"brig","Masts":"2"}\n{"ID":"sloop","Masts":"1"}\n'],
  ["{{.ID}}: {{ json .Masts }}", 'brig: "2"\nsloop: "1"\n'],
  ["{{json .}}", '{"ID":"brig","Masts":"2"}\n{"ID":"sloop","Masts":"1"}\n'],
];

test("a list is printed as asked", () => {
  for (const [format, expected] of listed)
    assert.equal(formatList(format, columns, ["ID"], boats), expected, String(format));
});

const value = {
  Id: "x",
  State: { Pid: 5, Running: true },
  List: ["a", 1],
  Map: { b: 2, a: "1" },
  Nothing: null,
};

const printed: readonly (readonly [string, string])[] = [
  ["json", JSON.stringify(value)],
  ["{{json .}}", JSON.stringify(value)],
  ["{{.State.Pid}}/{{ .State.Running }}", "5/true"],
  ["{{json .State}}", '{"Pid":5,"Running":true}'],
  ["{{.List}} {{.Map}} {{.Nothing}}", "[a 1] map[a:1 b:2] <nil>"],
  ["plain\\ttext", "plain\ttext"],
];

test("a value is printed through a template", () => {
  for (const [template, expected] of printed) assert.equal(formatOne(template, value), expected, template);
});

test("a template that cannot be followed is refused", () => {
  const cases = [
    ["{{.Id", "cannot parse the format: unclosed action"],
    ["{{.Nope}}", "cannot print with the format: there is no field .Nope"],
    ["{{.State.Nope}}", "cannot print with the format: there is no field .State.Nope"],
    ["{{.constructor}}", "cannot print with the format: there is no field .constructor"],
    ["{{nope .Id}}", 'cannot parse the format: function "nope" is not supported'],
  ] as const;
  for (const [template, message] of cases) assert.throws(() => formatOne(template, value), { message });
});
