/** What the engine is asked for, from the words of a command line. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { ContainerSpec } from "../../engine/container/spec.ts";
import { resolve } from "../flags/resolve.ts";
import { brig } from "../options/program.ts";
import { containerSpec } from "./container-spec.ts";

const folder = mkdtempSync(join(tmpdir(), "brig-spec-"));
after(() => rmSync(folder, { recursive: true }));

const caller = { environment: { HOME: "/root" }, directory: "/work" };

function spec(line: string, stdinOnce = false): ContainerSpec {
  const call = resolve(brig, ["run", ...line.split(" ")]);
  assert(call.kind === "call" && call.name === "run");
  return containerSpec(call.options, call.operands, caller, stdinOnce);
}

/** Command line, and what of the spec it gives beside the image `i`. */
const said: readonly (readonly [string, Omit<ContainerSpec, "image">])[] = [
  ["i", {}],
  ["--runtime crun i", { runtime: "crun" }],
  ["--isolation sandbox i", { runtime: "runsc" }],
  ["i sh -c true", { command: ["sh", "-c", "true"] }],
  ["--entrypoint /bin/x i a", { entrypoint: ["/bin/x"], command: ["a"] }],
  ["--entrypoint= i a", { entrypoint: [], command: ["a"] }],
  ["--rm --init --read-only i", { autoRemove: true, init: true, readOnly: true }],
  ["--name n -h host --domainname d i", { name: "n", hostname: "host", domainname: "d" }],
  ["-e A=1 -e HOME -e GONE i", { env: ["A=1", "HOME=/root", "GONE"] }],
  ["-u 1:2 --group-add audio -w /srv i", { user: "1:2", groups: ["audio"], workingDirectory: "/srv" }],
  ["-l a=b -l c i", { labels: { a: "b", c: "" } }],
  ["--stop-signal int --stop-timeout 0 i", { stopSignal: "SIGINT", stopTimeout: 0 }],
  ["-t i", { terminal: true }],
  ["-m 64m --cpus 1.5 --pids-limit 9 i", { resources: { memory: 67108864, nanoCpus: 1.5e9, pidsLimit: 9 } }],
  ["--memory-swap -1 -m 1g i", { resources: { memory: 2 ** 30, memorySwap: -1 } }],
  ["--network none i", { network: { mode: "none" } }],
  ["--network host i", { network: { mode: "host" } }],
  ["--network container:x i", { network: { mode: "container:x" } }],
  ["--network default i", {}],
  ["--network web i", { network: { mode: "web" } }],
  ["-p 80:8080 --expose 9 -P i", { network: { publish: ["80:8080"], publishAll: true, expose: ["9"] } }],
  ["--ip 172.30.0.9 i", { network: { address: "172.30.0.9" } }],
  ["--add-host a:1.2.3.4 --dns 9.9.9.9 i", { network: { extraHosts: ["a:1.2.3.4"], dns: ["9.9.9.9"] } }],
  [
    "--pid host --ipc container:x --cgroupns private i",
    {
      namespaces: {
        pid: { kind: "host" },
        ipc: { kind: "container", container: "x" },
        cgroup: { kind: "private" },
      },
    },
  ],
  [
    "--security-opt no-new-privileges --security-opt seccomp=unconfined i",
    { security: { seccomp: { kind: "unconfined" }, noNewPrivileges: true } },
  ],
  ["--security-opt label=disable i", {}],
  [
    "-v ./a:/b:ro i",
    {
      mounts: [
        {
          kind: "bind",
          source: "/work/a",
          target: "/b",
          readOnly: true,
          recursive: "enabled",
          createSource: true,
        },
      ],
    },
  ],
  ["--tmpfs /t i", { mounts: [{ kind: "tmpfs", target: "/t", readOnly: false, options: [] }] }],
];

test("an option gives what it says and nothing else", () => {
  for (const [line, expected] of said) assert.deepEqual(spec(line), { image: "i", ...expected }, line);
});

test("the end of the caller's stdin is the container's only when both are open", () => {
  assert.deepEqual(spec("-i i", true), { image: "i", openStdin: true, stdinOnce: true });
  assert.deepEqual(spec("-i i", false), { image: "i", openStdin: true });
  assert.deepEqual(spec("i", true), { image: "i" });
});

test("files of variables, labels and seccomp rules are read on the caller's side", () => {
  writeFileSync(join(folder, "env"), "A=1\n# no\nHOME\n");
  writeFileSync(join(folder, "profile.json"), "{}");
  assert.deepEqual(spec(`--env-file ${folder}/env -e B=2 i`).env, ["A=1", "HOME=/root", "B=2"]);
  assert.deepEqual(spec(`--label-file ${folder}/env i`).labels, { A: "1", HOME: "" });
  assert.deepEqual(spec(`--security-opt seccomp=${folder}/profile.json i`).security, {
    seccomp: { kind: "profile", json: "{}" },
  });
});

const refused: readonly (readonly [string, string | RegExp])[] = [
  ["--env-file /no/such i", "open /no/such: no such file or directory"],
  [
    "--security-opt seccomp=/no/such i",
    "opening seccomp profile (/no/such) failed: open /no/such: no such file or directory",
  ],
  ["--rm --restart always i", "conflicting options: cannot specify both --restart and --rm"],
  ["-p x i", "invalid containerPort: x"],
  ["--expose x i", /^invalid/],

  ["--isolation vm i", /^--isolation vm is not supported yet/],
  ["--platform windows/amd64 i", /^--platform is not supported yet/],
  ["--pull always i", /^--pull always is not supported yet/],
  ["--runtime crun --isolation sandbox i", /^--isolation sandbox and --runtime exclude each other/],
  ["--ip6 fd00::1 i", /^--ip6 is not supported yet/],
  ["--network name=web,alias=a i", /^network-scoped aliases/],
  ["--network a --network b i", /^--network is supported only once/],
  ["--security-opt label=type:x i", /^--security-opt label is not supported/],
  ["--mount type=volume,target=/a,volume-driver=nfs i", /^--mount with volume-driver/],
];

test("contradictions and what is not supported are refused with a reason", () => {
  for (const [line, message] of refused) assert.throws(() => spec(line), { message }, line);
});
