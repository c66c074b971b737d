import assert from "node:assert/strict";
import { test } from "node:test";
import type { CommandGroup } from "../flags/command.ts";
import { type Flags, longName } from "../flags/flag.ts";
import { dispatch, type Handlers, type Tables } from "../flags/program.ts";
import { resolve } from "../flags/resolve.ts";
import { resolvePlace } from "./global.ts";
import { ociProgram } from "./oci.ts";
import { brig } from "./program.ts";

const everyTable: Tables = {
  ...brig.tables,
  ...ociProgram.tables,
  global: brig.globals,
  oci: ociProgram.globals,
};

function call(line: string) {
  const invocation = resolve(brig, line.split(" "));
  assert(invocation.kind === "call", line);
  return invocation;
}

test("within a command no two flags have the same name", () => {
  for (const [name, { flags, refused }] of Object.entries(everyTable)) {
    const names = Object.entries(flags as Flags).flatMap(([key, { short, aliases = [], retired = [] }]) => [
      longName(key),
      ...aliases,
      ...retired,
      ...(short ? [short] : []),
    ]);
    names.push(...Object.values(refused ?? {}).flat());
    assert.deepEqual(
      names.filter((one, at) => names.indexOf(one) !== at),
      [],
      name,
    );
  }
});

test("every command has a name", () => {
  for (const { tables, tree } of [brig, ociProgram]) {
    assert.deepEqual([...new Set(leaves(tree))].sort(), Object.keys(tables).sort());
  }
});

test("a command is the same under its group", () => {
  for (const [long, short] of [
    ["container run --rm i", "run --rm i"],
    ["container ls -a", "ps -a"],
    ["container list -a", "ps -a"],
    ["image rm -f i", "rmi -f i"],
    ["image ls", "images"],
    ["system info", "info"],
  ] as const) {
    const [a, b] = [call(long), call(short)];
    assert.deepEqual([a.name, a.options, a.operands], [b.name, b.options, b.operands]);
  }
  assert.equal(call("container inspect i").name, "containerInspect");
  assert.equal(call("image inspect i").name, "imageInspect");
});

test("what follows the image belongs to the container", () => {
  const { operands, given } = call("run -it -e A=1 --name x alpine ls -l --name y");
  assert.deepEqual(operands, ["alpine", "ls", "-l", "--name", "y"]);
  assert.deepEqual([...given].sort(), ["env", "interactive", "name", "tty"]);
});

test("global flags come before the command, the environment gives what they leave out", () => {
  const { globals } = call("--root /r ps");
  assert.deepEqual(
    resolvePlace(globals, { BRIG_ROOT: "/e", BRIG_RUN_ROOT: "/f", BRIG_STORAGE_DRIVER: "vfs" }),
    {
      root: "/r",
      runRoot: "/f",
      storageDriver: "vfs",
    },
  );
  assert.deepEqual(resolvePlace({ root: undefined, runRoot: undefined, storageDriver: undefined }, {}), {
    root: "/var/lib/brig",
    runRoot: "/run/brig",
    storageDriver: undefined,
  });
});

test("the version can be asked for by a flag", () => {
  for (const flag of ["-v", "--version"]) assert.deepEqual(resolve(brig, [flag]), { kind: "version" });
});

test("flags that are not supported are refused by name and never ignored", () => {
  for (const flag of [
    "--gpus=all",
    "--storage-opt=size=1g",
    "--memory-swappiness=1",
    "--link=a:b",
    "--kernel-memory=1g",
  ]) {
    const name = flag.split("=")[0];
    assert.throws(() => call(`run ${flag} i`), {
      exit: 125,
      text: new RegExp(`^brig: ${name} is not supported: .`),
    });
  }
});

test("the arguments of the runtime's door and of explain are left as they are", () => {
  assert.deepEqual(call("oci --root /r run --bundle b c").operands, [
    "--root",
    "/r",
    "run",
    "--bundle",
    "b",
    "c",
  ]);
  assert.deepEqual(call("explain run -it i sh -c x").operands, ["run", "-it", "i", "sh", "-c", "x"]);
});

test("a call reaches the handler of its command with the options it declares", () => {
  const refuse = () => "another";
  const others = Object.fromEntries(Object.keys(brig.tables).map((name) => [name, refuse]));
  const handlers = {
    ...(others as unknown as Handlers<typeof brig, number, string>),
    // The parameters' types come from the tables: this would not compile with another type.
    run: ({ options }, context) => `${(options.memory ?? 0) * context} ${options.pull satisfies string}`,
  } satisfies Handlers<typeof brig, number, string>;
  assert.equal(dispatch(call("run -m 1k i"), handlers, 2), "2048 missing");
  assert.equal(dispatch(call("ps"), handlers, 2), "another");
});

function leaves(group: CommandGroup<string>): readonly string[] {
  return Object.values(group.commands).flatMap((node) => (typeof node === "string" ? [node] : leaves(node)));
}
