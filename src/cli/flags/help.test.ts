import assert from "node:assert/strict";
import { test } from "node:test";
import { command } from "./command.ts";
import { dockerDialect } from "./docker-dialect.ts";
import { initially } from "./flag.ts";
import { program } from "./program.ts";
import { resolve } from "./resolve.ts";
import { integer } from "./types/integer.ts";
import { text } from "./types/text.ts";
import { toggle } from "./types/toggle.ts";

const ship = program({
  name: "ship",
  dialect: dockerDialect,
  globals: command({
    summary: "",
    usage: "",
    operands: { least: 0 },
    interspersed: false,
    flags: { root: { type: text, help: "Where it lies" } },
  }),
  tables: {
    list: command({
      summary: "List boats",
      usage: "[NAME]",
      operands: { least: 0, most: 1 },
      flags: {
        all: { type: toggle, short: "a", help: "All of them" },
        last: {
          type: initially(integer, -1),
          help: "This many boats, counted from the one that was last to be built",
        },
        pull: { type: initially(text, "oars"), help: "What moves it:\n'oars': people" },
      },
    }),
    sink: command({ summary: "Sink a boat", usage: "NAME", operands: { least: 1, most: 1 }, flags: {} }),
    leak: command({ summary: "", usage: "", operands: { least: 0 }, flags: {}, hidden: true }),
  },
  tree: {
    summary: "Keeps boats",
    common: ["ls"],
    unlisted: ["list"],
    commands: {
      list: "list",
      ls: "list",
      leak: "leak",
      boat: { summary: "Manage boats", commands: { ls: "list", sink: "sink" } },
    },
  },
});

function help(...argv: string[]): string {
  const invocation = resolve(ship, argv, () => 60);
  assert(invocation.kind === "help");
  return invocation.text;
}

test("the help of a command shows usage, names and flags in columns", () => {
  assert.equal(
    help("ls", "--help"),
    `Usage:  ship ls [OPTIONS] [NAME]

List boats

Aliases:
  ship boat ls, ship list, ship ls

Options:
  -a, --all           All of them
      --last int      This many boats, counted from the one
                      that was last to be built (default -1)
      --pull string   What moves it:
                      'oars': people (default "oars")
`,
  );
});

test("a command without flags and with one name says neither", () => {
  assert.equal(help("help", "boat", "sink"), "Usage:  ship boat sink NAME\n\nSink a boat\n");
});

test("the help of the program lists common commands, groups, others and global flags", () => {
  const expected = `Usage:  ship [OPTIONS] COMMAND

Keeps boats

Common Commands:
  ls    List boats

Management Commands:
  boat  Manage boats

Global Options:
      --root string   Where it lies

Run 'ship COMMAND --help' for more information on a command.
`;
  for (const argv of [[], ["--help"], ["help"], ["--root", "x"]]) assert.equal(help(...argv), expected);
});

test("a group alone, with --help, or as a topic prints its help", () => {
  for (const argv of [["boat"], ["boat", "--help", "x"], ["help", "boat"]]) {
    assert.match(
      help(...argv),
      /^Usage: {2}ship boat COMMAND\n\nManage boats\n\nCommands:\n {2}ls {4}List boats\n/,
    );
  }
});
