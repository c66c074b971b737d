import assert from "node:assert/strict";
import { test } from "node:test";
import { resolve } from "../flags/resolve.ts";
import { UsageError } from "../flags/usage-error.ts";
import { ociProgram } from "./oci.ts";

/** As containerd, Podman's conmon, CRI-O and people write them. */
const readings: readonly (readonly [string, string, object, readonly string[]])[] = [
  [
    "--root /r --log /l --log-format json create --bundle /b --pid-file /p c1",
    "create",
    { bundle: "/b", pidFile: "/p" },
    ["c1"],
  ],
  ["create -b /b --console-socket=/s c1", "create", { bundle: "/b", consoleSocket: "/s" }, ["c1"]],
  ["create -bundle /b c1", "create", { bundle: "/b" }, ["c1"]],
  ["create c1 --bundle /b --no-pivot", "create", { bundle: "/b", noPivot: true }, ["c1"]],
  ["run -d -keep --preserve-fds 3 c1", "run", { detach: true, keep: true, preserveFds: 3 }, ["c1"]],
  ["run --no-new-keyring --no-subreaper=false c1", "run", { noNewKeyring: true, noSubreaper: false }, ["c1"]],
  ["exec -td -u1000:5 c1 ls -a", "exec", { tty: true, detach: true, user: "1000:5" }, ["c1", "ls", "-a"]],
  [
    "exec --env A=1 -e B=2 -g 1 --additional-gids 2 --cap x c1 true",
    "exec",
    { env: ["A=1", "B=2"], additionalGids: [1, 2], cap: ["x"] },
    ["c1", "true"],
  ],
  ["exec --process /p.json c1", "exec", { process: "/p.json" }, ["c1"]],
  ["kill c1 KILL --all", "kill", { all: true }, ["c1", "KILL"]],
  ["kill -a c1", "kill", { all: true }, ["c1"]],
  ["delete c1 --force", "delete", { force: true }, ["c1"]],
  ["list -f json -q", "list", { format: "json", quiet: true }, []],
  ["ps -f json c1 -ef", "ps", { format: "json" }, ["c1", "-ef"]],
  [
    "update --memory 64m --memory-swap -1 --cpu-quota=-1 c1",
    "update",
    { memory: 67_108_864, memorySwap: -1, cpuQuota: -1 },
    ["c1"],
  ],
  ["update -r - c1", "update", { resources: "-" }, ["c1"]],
  ["events --interval 1.5s --stats c1", "events", { interval: 1500, stats: true }, ["c1"]],
  ["spec --rootless -b /b", "spec", { rootless: true, bundle: "/b" }, []],
  ["state -- -c1", "state", {}, ["-c1"]],
  ["features", "features", {}, []],
];

const refused: readonly (readonly [string, string])[] = [
  ["--foo", "brig oci: flag provided but not defined: -foo"],
  ["foo", 'brig oci: no command "foo"'],
  ["run -x", "brig oci run: flag provided but not defined: -x"],
  ["run --dx c", "brig oci run: flag provided but not defined: -dx"],
  ["run --bundle", "brig oci run: flag needs an argument: -bundle"],
  [
    "create --preserve-fds x a",
    'brig oci create: invalid value "x" for flag -preserve-fds: strconv.ParseInt: parsing "x": invalid syntax',
  ],
  ["--log-format x list", 'brig oci: invalid value "x" for flag -log-format: invalid log-format: x'],
  ["pause", 'brig oci: "pause" requires exactly 1 argument(s)'],
  ["exec", 'brig oci: "exec" requires a minimum of 1 argument(s)'],
  [
    "exec -g x c1 true",
    'brig oci exec: invalid value "x" for flag -additional-gids: strconv.ParseUint: parsing "x": invalid syntax',
  ],
  ["kill a b c", 'brig oci: "kill" requires from 1 to 2 argument(s)'],
];

test("the runtime's command line is read as runc and crun read theirs", () => {
  for (const [line, name, changed, operands] of readings) {
    const call = resolve(ociProgram, line.split(" "));
    assert(call.kind === "call", line);
    assert.equal(call.name, name);
    assert.deepEqual(call.operands, operands, line);
    const options: Record<string, unknown> = call.options;
    for (const key of call.given)
      assert.deepEqual(options[key], (changed as Record<string, unknown>)[key], line);
    assert.deepEqual([...call.given].sort(), Object.keys(changed).sort(), line);
  }
});

test("flags before the command are the runtime's own", () => {
  const call = resolve(ociProgram, "-root=/r --systemd-cgroup --debug --rootless auto list".split(" "));
  assert(call.kind === "call");
  const { root, systemdCgroup, debug, rootless, logFormat } = call.globals;
  assert.deepEqual([root, systemdCgroup, debug, rootless, logFormat], ["/r", true, true, "auto", "text"]);
});

test("what makes no sense ends with exit code 1 and one line", () => {
  for (const [line, text] of refused) {
    const error = thrownBy(() => resolve(ociProgram, line.split(" ")));
    assert(error instanceof UsageError, line);
    assert.deepEqual([error.exit, error.text], [1, text]);
  }
});

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}
