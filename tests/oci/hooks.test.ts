/** Hooks: when, where and with what they run (runtime-spec, config.md#posix-platform-hooks, runtime.md#lifecycle). */

import assert from "node:assert/strict";
import { existsSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Bundle, type Draft, notFor } from "./bundle.ts";

const names = [
  "prestart",
  "createRuntime",
  "createContainer",
  "startContainer",
  "poststart",
  "poststop",
] as const;
type Name = (typeof names)[number];

/** The entry of config.hooks that runs a script. In the container only busybox's shell is at hand. */
function hook(script: string, more: object = {}) {
  return {
    path: "/bin/sh",
    args: ["sh", "-c", script],
    env: ["PATH=/usr/bin:/bin:/usr/sbin:/sbin"],
    ...more,
  };
}

interface Seen {
  readonly name: Name;
  readonly line: string;
  readonly state: Draft;
}

/** Runs a container with one hook of each kind, which notes what it sees in the bundle's file `log`. */
function runAll(bundle: Bundle, script: string, change: (config: Draft) => void = () => {}): readonly Seen[] {
  const log = join(bundle.path, "log");
  writeFileSync(log, "");
  bundle.write((config) => {
    config.process.args = ["sh", "-c", "echo command >>/log"];
    config.mounts.push({ destination: "/log", type: "bind", source: log, options: ["bind"] });
    config.annotations = { "org.example.colour": "blue" };
    config.hooks = Object.fromEntries(
      names.map((name) => {
        const file = name === "startContainer" ? "/log" : log;
        return [
          name,
          [hook(`state=$(cat); echo "${name} $(${script}) $state" | tr -d '\\n' >>${file}; echo >>${file}`)],
        ];
      }),
    );
    change(config);
  });
  const { code, stderr } = bundle.run();
  assert.equal(code, 0, stderr);
  return readFileSync(log, "utf8")
    .trim()
    .split("\n")
    .map((line) => {
      const [name, seen = "", ...state] = line.split(" ");
      return {
        name: name as Name,
        line: seen,
        state: state.length > 0 ? JSON.parse(state.join(" ")) : undefined,
      };
    });
}

const early = {
  crun: "crun 1.8 tells prestart hooks that the container is created",
  runc: "runc 1.1 runs poststart hooks before startContainer hooks, with the status created",
};

test("hooks run in the order of the lifecycle, those in the container in its namespaces", {
  skip: notFor(early),
}, () => {
  using bundle = new Bundle();
  const seen = runAll(bundle, "readlink /proc/self/ns/uts");
  const order = seen.map(({ name }) => name);
  // poststart may run while the command does.
  assert.deepEqual(
    order.filter((name) => (name as string) !== "command"),
    names,
  );
  assert.ok(order.indexOf("command" as Name) > order.indexOf("startContainer"));
  const host = readlinkSync("/proc/self/ns/uts");
  for (const { name, line } of seen) {
    if ((name as string) === "command") continue;
    const inContainer = name === "createContainer" || name === "startContainer";
    assert.equal(line === host, !inContainer, `${name} sees ${line}`);
  }
});

test("each hook gets the state on stdin, with the status of the moment", { skip: notFor(early) }, () => {
  using bundle = new Bundle();
  const status: Readonly<Record<Name, string>> = {
    prestart: "creating",
    createRuntime: "creating",
    createContainer: "creating",
    startContainer: "created",
    poststart: "running",
    poststop: "stopped",
  };
  for (const { name, state } of runAll(bundle, "echo -")) {
    if ((name as string) === "command") continue;
    assert.equal(state.id, bundle.id, name);
    assert.equal(state.status, status[name], name);
    assert.equal(state.bundle, bundle.path, name);
    assert.equal(state.annotations["org.example.colour"], "blue", name);
    assert.match(state.ociVersion, /^1\./, name);
    assert.equal(state.pid > 0, name !== "poststop", name);
  }
});

test("create runs the hooks up to createContainer, start the others, in the order of the lifecycle", {
  skip: notFor(early),
}, () => {
  using bundle = new Bundle();
  const log = join(bundle.path, "log");
  writeFileSync(log, "");
  bundle.write((config) => {
    config.process.args = ["sleep", "60"];
    config.mounts.push({ destination: "/log", type: "bind", source: log, options: ["bind"] });
    config.hooks = Object.fromEntries(
      names.map((name) => [
        name,
        [hook(`cat >/dev/null; sleep 0.05; echo ${name} >>${name === "startContainer" ? "/log" : log}`)],
      ]),
    );
  });
  const noted = () => readFileSync(log, "utf8").trim().split("\n");
  assert.equal(bundle.background("create", bundle.id).code, 0);
  assert.deepEqual(noted(), names.slice(0, 3));
  assert.equal(bundle.oci("start", bundle.id).code, 0);
  assert.deepEqual(noted(), names.slice(0, 5));
  assert.equal(bundle.oci("delete", "--force", bundle.id).code, 0);
  assert.deepEqual(noted(), names);
});

test("the hooks of one kind run in the listed order", () => {
  using bundle = new Bundle();
  const log = join(bundle.path, "log");
  bundle.write((config) => {
    config.hooks = { createRuntime: [1, 2, 3].map((n) => hook(`cat >/dev/null; echo ${n} >>${log}`)) };
  });
  assert.equal(bundle.run().code, 0);
  assert.equal(readFileSync(log, "utf8"), "1\n2\n3\n");
});

test("a hook gets its arguments and its environment, and nothing else", () => {
  using bundle = new Bundle();
  const log = join(bundle.path, "log");
  bundle.write((config) => {
    config.hooks = {
      createRuntime: [
        hook(`env >${log}; echo "$0 $1" >>${log}`, {
          args: ["zero", "-c", `env | sort >${log}; echo "$0 $1" >>${log}`, "one", "two"],
          env: ["COLOUR=blue", "PATH=/usr/bin:/bin"],
        }),
      ],
    };
  });
  assert.equal(bundle.run().code, 0);
  const lines = readFileSync(log, "utf8").trim().split("\n");
  assert.ok(lines.includes("COLOUR=blue") && lines.includes("one two"), String(lines));
  assert.ok(!lines.some((line) => line.startsWith("HOME=")), String(lines));
});

for (const name of ["prestart", "createRuntime", "createContainer", "startContainer"] as const) {
  test(`a ${name} hook that fails is an error, the command does not run, and nothing is left`, () => {
    using bundle = new Bundle();
    const { code, stderr } = bundle.sh("touch /ran", (config) => {
      config.hooks = { [name]: [hook("echo the hook says no >&2; exit 3")] };
    });
    assert.notEqual(code, 0);
    assert.match(stderr, /hook|exit status 3|exit with/);
    assert.equal(existsSync(join(bundle.rootfs, "ran")), false);
    assert.equal(existsSync(join(bundle.state, bundle.id)), false);
  });
}

test("a poststart hook that fails is an error, and the container is stopped and removed", {
  skip: notFor({ crun: "crun 1.8 leaves it running" }),
}, () => {
  using bundle = new Bundle();
  const { code } = bundle.sh("sleep 60", (config) => {
    config.hooks = { poststart: [hook("exit 3")] };
  });
  assert.notEqual(code, 0);
  assert.equal(existsSync(join(bundle.state, bundle.id)), false);
});

test("a poststop hook that fails is a warning, and those after it still run", {
  skip: notFor({ runc: "runc 1.1 stops at the first" }),
}, () => {
  using bundle = new Bundle();
  const log = join(bundle.path, "log");
  bundle.write((config) => {
    config.hooks = { poststop: [hook("exit 3"), hook(`echo second >${log}`)] };
  });
  assert.equal(bundle.run().code, 0);
  assert.equal(readFileSync(log, "utf8"), "second\n");
});

test("a hook that takes longer than its timeout is killed, and is an error", {
  skip: notFor({ runc: "runc 1.1 waits for the grandchildren that have its pipe" }),
}, () => {
  using bundle = new Bundle((config) => {
    config.hooks = { createRuntime: [hook("sleep 30", { timeout: 1 })] };
  });
  const before = performance.now();
  assert.notEqual(bundle.run().code, 0);
  assert.ok(performance.now() - before < 10_000);
});

test("createRuntime and createContainer hooks find the container's mounts before the pivot", {
  skip: notFor({ runc: "runc 1.1 shows them under another path" }),
}, () => {
  using bundle = new Bundle();
  const log = join(bundle.path, "log");
  bundle.write((config) => {
    config.hooks = {
      createContainer: [
        hook(
          `cat >/dev/null; cat ${bundle.rootfs}/proc/1/comm >${log}; ls ${bundle.rootfs}/dev/null >>${log}`,
        ),
      ],
    };
  });
  assert.equal(bundle.run().code, 0);
  assert.match(readFileSync(log, "utf8"), /dev\/null/);
});
