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

const inContainer: readonly Name[] = ["createContainer", "startContainer"];

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
function runAll(
  bundle: Bundle,
  script: string,
  change: (config: Draft) => void = () => {},
  kinds: readonly Name[] = names,
): readonly Seen[] {
  const log = join(bundle.path, "log");
  writeFileSync(log, "");
  bundle.write((config) => {
    config.process.args = ["sh", "-c", "echo command >>/log"];
    config.mounts.push({ destination: "/log", type: "bind", source: log, options: ["bind"] });
    config.annotations = { "org.example.colour": "blue" };
    config.hooks = Object.fromEntries(
      kinds.map((name) => {
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

/** As late as 1.5. */
const early = "runs poststart hooks at create, before startContainer hooks";

test("hooks run in the order of the lifecycle, the command after startContainer hooks", () => {
  using bundle = new Bundle();
  const kinds = names.filter((name) => name !== "poststart"); // they may run while the command does
  assert.deepEqual(
    runAll(bundle, "true", undefined, kinds).map(({ name }) => name),
    ["prestart", "createRuntime", "createContainer", "startContainer", "command", "poststop"],
  );
});

test("poststart hooks run after startContainer hooks", {
  skip: notFor({ runc: early, crun: "runs them at the same time" }),
}, () => {
  using bundle = new Bundle();
  const seen = runAll(bundle, "sleep 0.1", undefined, ["startContainer", "poststart"]);
  assert.deepEqual(
    seen.map(({ name }) => name).filter((name) => (name as string) !== "command"),
    ["startContainer", "poststart"],
  );
});

for (const name of names)
  test(`${name} hooks run in the ${inContainer.includes(name) ? "container's" : "runtime's"} namespaces`, () => {
    using bundle = new Bundle();
    const seen = runAll(bundle, "readlink /proc/self/ns/uts", undefined, [name]);
    const { line } = seen.find((one) => one.name === name)!;
    assert.match(line, /^uts:/);
    assert.equal(line === readlinkSync("/proc/self/ns/uts"), !inContainer.includes(name));
  });

test("each hook gets the state on stdin", {
  skip: notFor({ crun: "names another bundle in the container" }),
}, () => {
  using bundle = new Bundle();
  const seen = runAll(bundle, "echo -").filter(({ name }) => (name as string) !== "command");
  assert.equal(seen.length, names.length);
  for (const { name, state } of seen) {
    assert.equal(state.id, bundle.id, name);
    assert.equal(state.bundle, bundle.path, name);
    assert.equal(state.annotations["org.example.colour"], "blue", name);
    assert.match(state.ociVersion, /^1\./, name);
  }
});

const statuses: readonly (readonly [Name, status: string, skip: string | false])[] = [
  ["prestart", "creating", notFor({ crun: "says created" })],
  ["createRuntime", "creating", notFor({ crun: "says created" })],
  ["createContainer", "creating", notFor({ crun: "says created" })],
  ["startContainer", "created", notFor({ crun: "says starting" })],
  ["poststart", "running", notFor({ runc: early })],
  ["poststop", "stopped", false],
];

for (const [name, status, skip] of statuses)
  test(`the state that ${name} hooks get says ${status}`, { skip }, () => {
    using bundle = new Bundle();
    const seen = runAll(bundle, "echo -", undefined, [name]);
    assert.equal(seen.find((one) => one.name === name)?.state.status, status);
  });

test("the state names the pid as who reads it sees it: the host's, or the container's", {
  skip: notFor({ crun: "says 0 in the container" }),
}, () => {
  using bundle = new Bundle();
  for (const { name, state } of runAll(bundle, "echo -")) {
    if (inContainer.includes(name)) assert.equal(state.pid, 1, name);
    else if (name === "createRuntime" || name === "poststart") assert.ok(state.pid > 1, name);
  }
});

test("without a pid namespace of its own the container sees the host's pid", {
  skip: notFor({ crun: "says 0 in the container" }),
}, () => {
  using bundle = new Bundle();
  const seen = runAll(bundle, "echo -", ({ linux }) => {
    linux.namespaces = linux.namespaces.filter(({ type }: Draft) => type !== "pid");
  });
  const pids = new Set(seen.filter(({ name }) => name !== "poststop").map(({ state }) => state?.pid));
  pids.delete(undefined);
  assert.equal(pids.size, 1, String([...pids]));
});

test("create runs the hooks up to createContainer, and no other", { skip: notFor({ runc: early }) }, () => {
  using bundle = new Bundle();
  const log = withNamedHooks(bundle);
  assert.equal(bundle.background("create", bundle.id).code, 0);
  assert.deepEqual(noted(log), names.slice(0, 3));
});

test("start runs startContainer hooks, then poststart hooks, and delete the poststop hooks", {
  skip: notFor({ runc: early, crun: "does not wait for startContainer hooks" }),
}, () => {
  using bundle = new Bundle();
  const log = withNamedHooks(bundle);
  assert.equal(bundle.background("create", bundle.id).code, 0);
  assert.equal(bundle.oci("start", bundle.id).code, 0);
  assert.deepEqual(noted(log), names.slice(0, 5));
  assert.equal(bundle.oci("delete", "--force", bundle.id).code, 0);
  assert.deepEqual(noted(log), names);
});

const noted = (log: string) => readFileSync(log, "utf8").trim().split("\n");

/** Each hook notes its name in the file that is returned. */
function withNamedHooks(bundle: Bundle): string {
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
  return log;
}

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

for (const name of ["prestart", "createRuntime", "createContainer", "startContainer", "poststart"] as const) {
  test(`when a ${name} hook has failed the poststop hooks run`, {
    skip: ["startContainer"].includes(name) ? false : notFor({ crun: "runs none" }),
  }, () => {
    using bundle = new Bundle();
    const log = join(bundle.path, "log");
    bundle.sh("sleep 60", (config) => {
      config.hooks = { [name]: [hook("exit 3")], poststop: [hook(`echo poststop >${log}`)] };
    });
    assert.equal(readFileSync(log, "utf8"), "poststop\n");
  });
}

test("a startContainer hook that fails makes start fail, and the container is stopped and removed", {
  skip: notFor({ runc: "leaves it stopped, without an error", crun: "leaves it stopped, without an error" }),
}, () => {
  using bundle = new Bundle();
  const log = join(bundle.path, "log");
  bundle.write((config) => {
    config.hooks = { startContainer: [hook("exit 3")], poststop: [hook(`echo poststop >${log}`)] };
  });
  assert.equal(bundle.background("create", bundle.id).code, 0);
  const { code, stderr } = bundle.oci("start", bundle.id);
  assert.notEqual(code, 0);
  assert.match(stderr, /startContainer/);
  assert.notEqual(bundle.oci("state", bundle.id).code, 0);
  assert.equal(readFileSync(log, "utf8"), "poststop\n");
});

test("start waits for startContainer hooks", {
  skip: notFor({ runc: "does not", crun: "does not" }),
}, () => {
  using bundle = new Bundle((config) => {
    config.process.args = ["sleep", "60"];
    config.hooks = { startContainer: [hook("sleep 0.3; touch /hooked")] };
  });
  bundle.start();
  assert.ok(existsSync(join(bundle.rootfs, "hooked")));
});

test("a poststart hook that fails is an error, and the container is stopped and removed", {
  skip: notFor({ crun: "leaves it running" }),
}, () => {
  using bundle = new Bundle();
  const { code } = bundle.sh("sleep 60", (config) => {
    config.hooks = { poststart: [hook("exit 3")] };
  });
  assert.notEqual(code, 0);
  assert.equal(existsSync(join(bundle.state, bundle.id)), false);
});

test("a poststop hook that fails is a warning, and those after it still run", {
  skip: notFor({ runc: "stops at the first" }),
}, () => {
  using bundle = new Bundle();
  const log = join(bundle.path, "log");
  bundle.write((config) => {
    config.hooks = { poststop: [hook("exit 3"), hook(`echo second >${log}`)] };
  });
  assert.equal(bundle.run().code, 0);
  assert.equal(readFileSync(log, "utf8"), "second\n");
});

/** The second is a child of the hook, which holds what the hook was given. */
for (const [whose, script, skip] of [
  ["", "exec sleep 30", false],
  [", whatever its children do", "sleep 30; true", notFor({ runc: "waits for those that have its pipe" })],
] as const)
  test(`a hook that takes longer than its timeout is killed, and is an error${whose}`, { skip }, () => {
    using bundle = new Bundle((config) => {
      config.hooks = { createRuntime: [hook(script, { timeout: 1 })] };
    });
    const before = performance.now();
    assert.notEqual(bundle.run().code, 0);
    assert.ok(performance.now() - before < 10_000);
  });

test("createRuntime and createContainer hooks find the container's mounts before the pivot", () => {
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
