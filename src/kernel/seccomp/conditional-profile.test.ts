import assert from "node:assert/strict";
import { test } from "node:test";
import { type ProfileContext, profileFromDockerFile } from "./conditional-profile.ts";

const context: ProfileContext = {
  capabilities: ["CAP_KILL", "CAP_BPF"],
  architecture: "x86_64",
  kernel: [6, 18],
};

/** The names of the entries that apply. */
function names(entries: readonly object[], changes: Partial<ProfileContext> = {}): string {
  const syscalls = entries.map((entry) => ({ action: "SCMP_ACT_ALLOW", ...entry }));
  const json = JSON.stringify({ defaultAction: "SCMP_ACT_ERRNO", syscalls });
  const profile = profileFromDockerFile(json, { ...context, ...changes });
  return profile.syscalls!.flatMap((rule) => rule.names).join(" ");
}

test("an entry without conditions always applies, by names or by the old name", () => {
  assert.equal(
    names([{ names: ["read", "write"] }, { name: "open" }, { name: "", names: ["close"] }]),
    "read write open close",
  );
});

test("includes asks for all of its capabilities, one of its architectures and a kernel as new as its own", () => {
  const entries = [
    { name: "a", includes: { caps: ["CAP_KILL"] } },
    { name: "b", includes: { caps: ["CAP_KILL", "CAP_SYS_ADMIN"] } },
    { name: "c", includes: { arches: ["amd64", "x32"] } },
    { name: "d", includes: { arches: ["arm64"] } },
    { name: "e", includes: { minKernel: "4.8" } },
    { name: "f", includes: { minKernel: "6.19" } },
    { name: "g", includes: { minKernel: "7.0" } },
    { name: "h", includes: { caps: [], arches: null, minKernel: "" } },
  ];
  assert.equal(names(entries), "a c e h");
  assert.equal(names(entries, { architecture: "aarch64", kernel: [6, 19] }), "a d e f h");
});

test("excludes drops an entry for any one of its conditions", () => {
  const entries = [
    { name: "a", excludes: { caps: ["CAP_SYS_ADMIN", "CAP_KILL"] } },
    { name: "b", excludes: { caps: ["CAP_SYS_ADMIN"] } },
    { name: "c", excludes: { arches: ["amd64"] } },
    { name: "d", excludes: { minKernel: "6.18" } },
    { name: "e", excludes: { minKernel: "6.19" } },
    { name: "f", includes: { caps: ["CAP_BPF"] }, excludes: { arches: ["s390x"] } },
  ];
  assert.equal(names(entries), "b e f");
});

test("archMap gives the architectures of this host, and everything else passes through", () => {
  const json = `{
    "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38, "flags": ["SECCOMP_FILTER_FLAG_LOG"],
    "archMap": [
      {"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86"]},
      {"architecture": "SCMP_ARCH_AARCH64", "subArchitectures": null}
    ],
    "syscalls": [{"names": ["ioctl"], "action": "SCMP_ACT_ERRNO", "errnoRet": 5, "comment": "not read",
      "args": [{"index": 1, "value": 18446744073709551615, "op": "SCMP_CMP_NE"}]}]
  }`;
  assert.deepEqual(profileFromDockerFile(json, context), {
    defaultAction: "SCMP_ACT_ERRNO",
    defaultErrnoRet: 38,
    flags: ["SECCOMP_FILTER_FLAG_LOG"],
    architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
    syscalls: [
      {
        names: ["ioctl"],
        action: "SCMP_ACT_ERRNO",
        errnoRet: 5,
        args: [{ index: 1, value: 2n ** 64n - 1n, valueTwo: 0, op: "SCMP_CMP_NE" }],
      },
    ],
  });
  assert.deepEqual(profileFromDockerFile(json, { ...context, architecture: "aarch64" }).architectures, [
    "SCMP_ARCH_AARCH64",
  ]);
});

const refusals: readonly (readonly [what: string, json: string, message: RegExp])[] = [
  ["no profile", "{}", /seccomp profile: defaultAction: is required/],
  ["text that is not JSON", "allow all", /seccomp profile: is not valid JSON/],
  [
    "a kernel version with three parts",
    '{"defaultAction":"A","syscalls":[{"action":"B","includes":{"minKernel":"4.8.1"}}]}',
    /syscalls\[0\].includes.minKernel: must be a kernel version/,
  ],
  [
    "both name and names",
    '{"defaultAction":"A","syscalls":[{"action":"B","name":"x","names":["y"]}]}',
    /has both name and names/,
  ],
  [
    "both architectures and archMap",
    '{"defaultAction":"A","architectures":["X"],"archMap":[{"architecture":"X"}]}',
    /both architectures and archMap/,
  ],
];

for (const [what, json, message] of refusals) {
  test(`${what} is refused`, () => {
    assert.throws(() => profileFromDockerFile(json, context), { kind: "invalid", message });
  });
}
