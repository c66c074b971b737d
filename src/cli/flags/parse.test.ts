import assert from "node:assert/strict";
import { test } from "node:test";
import { command } from "./command.ts";
import { initially } from "./flag.ts";
import { parseFlags } from "./parse.ts";
import { integer } from "./types/integer.ts";
import { list, text } from "./types/text.ts";
import { count, toggle } from "./types/toggle.ts";

const table = command({
  summary: "",
  usage: "",
  operands: { least: 0 },
  flags: {
    all: { type: toggle, short: "a", help: "" },
    color: { type: { ...text, bare: "auto" }, help: "" },
    cpuShares: { type: integer, short: "c", help: "" },
    env: { type: list, short: "e", help: "" },
    network: { type: text, aliases: ["net"], help: "" },
    sigProxy: { type: initially(toggle, true), help: "" },
    timeout: { type: initially(integer, 10), short: "t", retired: ["time"], help: "" },
    verbose: { type: count, short: "v", help: "" },
  },
  refused: { "there is no music": ["music", "M"] },
});

const readings: readonly (readonly [string, object, readonly string[]])[] = [
  ["", {}, []],
  ["-a", { all: true }, []],
  ["-a=false", { all: false }, []],
  ["--all=f x", { all: false }, ["x"]],
  ["--all false", { all: true }, ["false"]],
  ["--color x", { color: "auto" }, ["x"]],
  ["--color=never", { color: "never" }, []],
  ["--color=", { color: "" }, []],
  ["-c5", { cpuShares: 5 }, []],
  ["-c=5", { cpuShares: 5 }, []],
  ["-c 5", { cpuShares: 5 }, []],
  ["-c -5", { cpuShares: -5 }, []],
  ["--cpu-shares=5", { cpuShares: 5 }, []],
  ["--cpu-shares 5", { cpuShares: 5 }, []],
  ["-ac5", { all: true, cpuShares: 5 }, []],
  ["-ac 5", { all: true, cpuShares: 5 }, []],
  ["-e a,b -e=c=d -e --", { env: ["a,b", "c=d", "--"] }, []],
  ["-vvav", { verbose: 3, all: true }, []],
  ["-v --verbose -v", { verbose: 3 }, []],
  ["--net host", { network: "host" }, []],
  ["--sig-proxy=false", { sigProxy: false }, []],
  ["x -a y", { all: true }, ["x", "y"]],
  ["x -- -a", {}, ["x", "-a"]],
  ["- -a", { all: true }, ["-"]],
  ["-t 1 -t 2", { timeout: 2 }, []],
];

const refused: readonly (readonly [string, string])[] = [
  ["--cpuShares 5", "unknown flag: --cpuShares"],
  ["--constructor", "unknown flag: --constructor"],
  ["--cpu-shares", "flag needs an argument: --cpu-shares"],
  ["-ac", "flag needs an argument: 'c' in -c"],
  ["-c x", 'invalid argument "x" for "-c, --cpu-shares" flag: strconv.ParseInt: parsing "x": invalid syntax'],
  ["--time x", 'invalid argument "x" for "--time" flag: strconv.ParseInt: parsing "x": invalid syntax'],
  ["--music=loud", "--music is not supported: there is no music"],
  ["-aM", "-M is not supported: there is no music"],
];

const untouched = parseFlags(table, []).options;

test("flags are read in every way they can be written", () => {
  for (const [line, changed, operands] of readings) {
    const parsed = parseFlags(table, line.split(" ").filter(Boolean));
    assert.deepEqual(parsed.options, { ...untouched, ...changed }, line);
    assert.deepEqual(parsed.operands, operands, line);
    assert.deepEqual([...parsed.given].sort(), Object.keys(changed).sort(), line);
  }
});

test("what cannot be read is refused with the reason", () => {
  for (const [line, message] of refused) {
    assert.throws(() => parseFlags(table, line.split(" ")), { message }, line);
  }
});

test("flags that were not given are what their types say", () => {
  const { all, cpuShares, env, sigProxy, timeout, network } = untouched;
  // The annotations are the test: the table alone gives these types.
  const typed: readonly [
    boolean,
    number | undefined,
    readonly string[],
    boolean,
    number,
    string | undefined,
  ] = [all, cpuShares, env, sigProxy, timeout, network];
  assert.deepEqual(typed, [false, undefined, [], true, 10, undefined]);
});

test("after the first operand nothing is a flag where flags may not be interspersed", () => {
  const { options, operands } = parseFlags({ ...table, interspersed: false }, ["-a", "x", "-c", "--", "5"]);
  assert.deepEqual([options.all, options.cpuShares, operands], [true, undefined, ["x", "-c", "--", "5"]]);
});

test("help can be asked for by --help, by -h, and not by --help=false", () => {
  const asked = (...argv: string[]) => parseFlags(table, argv).help;
  assert.deepEqual(
    [asked("--help"), asked("-ah"), asked("--help=false"), asked("--", "--help")],
    [true, true, false, false],
  );
});

test("a former name works and is told off", () => {
  const { options, warnings } = parseFlags(table, ["--time=3"]);
  assert.equal(options.timeout, 3);
  assert.deepEqual(warnings, ["Flag --time has been deprecated, use --timeout instead"]);
});
