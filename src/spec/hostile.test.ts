/** Every parser of this folder against damaged and hostile documents, from a fixed seed. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { BrigError } from "../base/errors.ts";
import { parseArchiveManifest, parseArchiveRepositories } from "./image/archive.ts";
import { parseImageConfig } from "./image/config.ts";
import { parseLayout, parseLayoutIndex } from "./image/layout.ts";
import { parseImageDocument } from "./image/manifest.ts";
import { bestMatch, formatPlatform, parsePlatform } from "./platform.ts";
import { formatReference, parseReference } from "./reference.ts";
import { parseRuntimeConfig, type RuntimeConfig } from "./runtime/config.ts";
import { parseFeatures } from "./runtime/features.ts";
import { parseProcess } from "./runtime/process.ts";
import { parseState } from "./runtime/state.ts";
import { validateRuntimeConfig } from "./runtime/validate.ts";
import { formatJson } from "./schema/json.ts";

const rounds = 2000;
const digest = `sha256:${"a".repeat(64)}`;
const descriptor = {
  mediaType: "application/x",
  digest,
  size: 1,
  annotations: { a: "b" },
  platform: { os: "linux", architecture: "arm" },
};

/** A parser, and a valid document that uses as much of its schema as possible. */
// biome-ignore format: one row, one case
const parsers: readonly (readonly [name: string, parse: (json: string) => unknown, example: unknown])[] = [
  ["runtime config", parseRuntimeConfig, runtimeExample()],
  ["process", parseProcess, runtimeExample().process],
  ["state", parseState, { ociVersion: "1.3.0", id: "a", status: "running", pid: 5, bundle: "/b", annotations: { a: "b" } }],
  ["features", parseFeatures, { ociVersionMin: "1.0.0", ociVersionMax: "1.3.0", hooks: ["poststop"], linux: { cgroup: { v1: true } } }],
  ["manifest", imageDocument, { schemaVersion: 2, config: descriptor, layers: [descriptor], annotations: { a: "b" } }],
  ["index", imageDocument, { schemaVersion: 2, manifests: [descriptor, descriptor] }],
  ["image config", parseImageConfig, { os: "linux", config: { Env: ["A=b"], Cmd: ["x"], Volumes: { "/v": {} } }, rootfs: { type: "layers", diff_ids: [digest] }, history: [{ comment: "c" }] }],
  ["layout", parseLayout, { imageLayoutVersion: "1.0.0" }],
  ["layout index", parseLayoutIndex, { schemaVersion: 2, manifests: [descriptor] }],
  ["archive manifest", parseArchiveManifest, [{ Config: "a", RepoTags: ["b"], Layers: ["c"] }]],
  ["archive repositories", parseArchiveRepositories, { a: { b: "c" } }],
];

describe("a hostile document", () => {
  for (const [name, parse, example] of parsers) {
    test(`of the kind ${name} is refused with an error of our own, or read`, () => {
      const random = seeded(name.length);
      const valid = formatJson(example);
      assert.doesNotThrow(() => parse(valid));
      for (let round = 0; round < rounds; round++) {
        const json = random(2) === 0 ? damaged(valid, random) : formatJson(mutated(example, random));
        const value = outcome(() => parse(json), json);
        // What was read once can be written, and is read as the same again.
        if (value !== undefined) assert.deepEqual(parse(formatJson(value)), value, json);
      }
    });
  }

  test("that parses as a runtime config is validated or refused, never worse", () => {
    const random = seeded(7);
    for (let round = 0; round < rounds; round++) {
      const json = formatJson(mutated(mutated(runtimeExample(), random), random));
      const config = outcome(() => parseRuntimeConfig(json), json);
      if (config) outcome(() => validateRuntimeConfig(config as RuntimeConfig), json);
    }
  });
});

test("any text is a reference that keeps its meaning when written, or is refused", () => {
  const random = seeded(3);
  for (let round = 0; round < 20 * rounds; round++) {
    const text = randomText("aB0._-/:@[]é\0", random);
    const reference = outcome(() => parseReference(text), text);
    // Only for a name without a domain, the odd case of Docker's grammar, the text alone decides.
    if (reference?.domain) assert.deepEqual(parseReference(formatReference(reference)), reference, text);
  }
});

test("any text is a platform or is refused", () => {
  const random = seeded(4);
  const host = { os: "linux", architecture: "arm64" };
  for (let round = 0; round < 10 * rounds; round++) {
    const words = [
      "linux",
      "arm",
      "amd64",
      "v7",
      "v99999999999",
      "/",
      "/",
      "(",
      ")",
      "constructor",
      "\0",
      "",
    ];
    const text = Array.from({ length: random(6) }, () => words[random(words.length)]).join("");
    const platform = outcome(() => parsePlatform(text, host), text);
    if (platform) {
      assert.equal(typeof formatPlatform(platform), "string");
      assert.equal(bestMatch([{ platform }], platform)?.platform, platform);
    }
  }
});

/** The result, or undefined after a proper refusal: one line, and of a length that can be printed. */
function outcome<T>(act: () => T, input: string): T | undefined {
  try {
    return act();
  } catch (error) {
    assert.ok(error instanceof BrigError, `${input}: ${error}`);
    assert.match(error.message, /^[^\x00-\x08\x0a-\x1f]{1,4000}$/, input);
    return undefined;
  }
}

function imageDocument(json: string): unknown {
  const document = parseImageDocument(json);
  return document.kind === "manifest" ? document.manifest : document.index;
}

type Random = (below: number) => number;

/** Mulberry32. */
function seeded(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

function randomText(alphabet: string, random: Random): string {
  return Array.from({ length: random(16) }, () => alphabet[random(alphabet.length)]).join("");
}

/** Some characters replaced, inserted or cut off. */
function damaged(json: string, random: Random): string {
  const at = random(json.length);
  const piece = [
    "",
    "{",
    "}",
    "[",
    ",",
    '"',
    ":",
    "null",
    "1e999",
    "-0",
    "99999999999999999999",
    "\\u0000",
    "\ud800",
    "\x00",
  ][random(14)]!;
  return random(8) === 0 ? json.slice(0, at) : json.slice(0, at) + piece + json.slice(at + random(3));
}

// biome-ignore format: one row, one case
const strange: readonly unknown[] = [
  null, true, 0, -1, 1.5, 2 ** 53, 2n ** 64n, -(2n ** 63n) - 1n, "", "..", "\0", "a".repeat(10_000), "\x1b[2J", [], {}, [null], [[[[]]]],
  { "": "" }, JSON.parse('{"__proto__":{"x":1}}'), { constructor: 1, toString: 2, hasOwnProperty: 3 }, { length: 1 }, new Array(50).fill("x"),
];

/** One value somewhere inside replaced by a strange one, or a strange key added. */
function mutated(value: unknown, random: Random): unknown {
  if (typeof value !== "object" || value === null || random(6) === 0) return strange[random(strange.length)];
  if (Array.isArray(value)) {
    const at = random(value.length + 1);
    return [...value.slice(0, at), mutated(value[at], random), ...value.slice(at + 1)];
  }
  const keys = [...Object.keys(value), "__proto__", ".."];
  const key = keys[random(keys.length)]!;
  const entries = Object.entries(value).filter(([name]) => name !== key);
  return Object.fromEntries([
    ...entries,
    [key, mutated(Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined, random)],
  ]);
}

function runtimeExample() {
  const mapping = [{ containerID: 0, hostID: 1000, size: 1000 }];
  return {
    ociVersion: "1.3.0",
    root: { path: "rootfs", readonly: true },
    hostname: "h",
    domainname: "d",
    annotations: { "com.example.a": "b" },
    mounts: [
      { destination: "/proc", type: "proc", source: "proc", options: ["nosuid"] },
      {
        destination: "/a",
        source: "/b",
        options: ["rbind", "ridmap"],
        uidMappings: mapping,
        gidMappings: mapping,
      },
    ],
    process: {
      terminal: true,
      consoleSize: { height: 25, width: 80 },
      user: { uid: 1, gid: 1, umask: 18, additionalGids: [5] },
      cwd: "/",
      args: ["sh", "-c", "true"],
      env: ["PATH=/bin"],
      capabilities: { bounding: ["CAP_CHOWN"], ambient: [] },
      rlimits: [{ type: "RLIMIT_NOFILE", soft: 1024, hard: 2n ** 64n - 1n }],
      noNewPrivileges: true,
      apparmorProfile: "p",
      oomScoreAdj: 100,
      scheduler: { policy: "SCHED_FIFO", priority: 5, flags: ["SCHED_FLAG_RESET_ON_FORK"] },
      ioPriority: { class: "IOPRIO_CLASS_BE", priority: 4 },
      execCPUAffinity: { initial: "0-3,7", final: "1" },
    },
    hooks: { createRuntime: [{ path: "/bin/hook", args: ["hook"], env: ["A=b"], timeout: 5 }] },
    linux: {
      namespaces: ["pid", "network", "mount", "ipc", "uts", "user", "cgroup", "time"].map((type) => ({
        type,
      })),
      uidMappings: mapping,
      gidMappings: mapping,
      sysctl: { "net.ipv4.ip_forward": "1", "kernel.sem": "1 2 3 4" },
      cgroupsPath: "/a/b",
      devices: [{ path: "/dev/fuse", type: "c", major: 10, minor: 229, fileMode: 438, uid: 0, gid: 0 }],
      netDevices: { eth0: { name: "net%d" } },
      resources: {
        devices: [{ allow: false, access: "rwm" }],
        memory: { limit: 2n ** 60n, swap: -1, swappiness: 60 },
        cpu: { shares: 1024, quota: 1000, period: 1000, cpus: "0-1" },
        pids: { limit: 100 },
        blockIO: {
          weight: 10,
          weightDevice: [{ major: 8, minor: 0, weight: 5 }],
          throttleReadBpsDevice: [{ major: 8, minor: 0, rate: 600 }],
        },
        hugepageLimits: [{ pageSize: "2MB", limit: 4096 }],
        network: { classID: 1, priorities: [{ name: "eth0", priority: 5 }] },
        rdma: { mlx5: { hcaHandles: 3 } },
        unified: { "memory.high": "1" },
      },
      seccomp: {
        defaultAction: "SCMP_ACT_ERRNO",
        syscalls: [
          {
            names: ["read"],
            action: "SCMP_ACT_ALLOW",
            args: [{ index: 0, value: 2n ** 64n - 1n, op: "SCMP_CMP_EQ" }],
          },
        ],
      },
      rootfsPropagation: "rslave",
      maskedPaths: ["/proc/kcore"],
      readonlyPaths: ["/proc/sys"],
      personality: { domain: "LINUX32" },
      timeOffsets: { monotonic: { secs: -5, nanosecs: 1 } },
      memoryPolicy: { mode: "MPOL_BIND", nodes: "0" },
    },
  };
}
