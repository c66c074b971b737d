import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import {
  type CapabilityChange,
  type CapabilityName,
  capabilityData,
  capabilityHeader,
  capabilityMask,
  capabilityNames,
  capabilityNumber,
  changeCapabilities,
  defaultCapabilities,
  maskCapabilities,
  parseCapability,
} from "./capabilities.ts";

const header = "/usr/include/linux/capability.h";

test("the numbers are those of the kernel's header", { skip: !existsSync(header) }, () => {
  const defines = readFileSync(header, "utf8").matchAll(/^#define (CAP_\w+)\s+(\d+)$/gm);
  const known = new Map([...defines].map(([, name, number]) => [name!, Number(number)]));
  assert.equal(known.size, 41);
  for (const name of capabilityNames) assert.equal(capabilityNumber(name), known.get(name), name);
});

test("a capability is found in any case, with and without its prefix", () => {
  for (const text of ["NET_ADMIN", "net_admin", "CAP_NET_ADMIN", "Cap_Net_Admin"]) {
    assert.equal(parseCapability(text), "CAP_NET_ADMIN");
  }
  for (const text of ["", "CAP_", "ALL", "CAP_CAP_CHOWN", "net admin"]) {
    assert.equal(parseCapability(text), undefined, text);
  }
});

const base = "CHOWN,DAC_OVERRIDE,FOWNER,FSETID,KILL,SETGID,SETUID,SETPCAP,NET_BIND_SERVICE,NET_RAW";
const rest = "SYS_CHROOT,MKNOD,AUDIT_WRITE,SETFCAP";
const all = capabilityNames.map((name) => name.slice(4)).join();

// The rules of moby's daemon (oci/caps, TweakCapabilities).
const changes: readonly (readonly [what: string, change: CapabilityChange, expected: string])[] = [
  ["nothing", {}, `${base},${rest}`],
  ["an add", { add: ["sys_time"] }, `${base},SYS_CHROOT,SYS_TIME,MKNOD,AUDIT_WRITE,SETFCAP`],
  ["an add of what is there", { add: ["CHOWN"] }, `${base},${rest}`],
  ["a drop", { drop: ["CAP_NET_RAW"] }, `${base},${rest}`.replace("NET_RAW,", "")],
  ["a drop and an add of the same", { add: ["chown"], drop: ["chown"] }, `${base},${rest}`],
  ["drop ALL", { drop: ["all"] }, ""],
  ["drop ALL and adds", { drop: ["ALL"], add: ["net_raw", "chown"] }, "CHOWN,NET_RAW"],
  ["add ALL", { add: ["ALL"] }, all],
  ["add ALL and a drop", { add: ["all"], drop: ["BPF"] }, all.replace("BPF,", "")],
  ["add ALL and drop ALL", { add: ["ALL"], drop: ["ALL"] }, all],
  ["privileged and drop ALL", { privileged: true, drop: ["ALL"] }, all],
];

for (const [what, change, expected] of changes) {
  test(`${what} gives the set that Docker gives`, () => {
    const names = changeCapabilities(change).map((name) => name.slice(4));
    assert.equal(names.join(), expected);
  });
}

test("an unknown capability is refused with its name", () => {
  for (const list of ["add", "drop"] as const) {
    assert.throws(() => changeCapabilities({ [list]: ["NET_ADMIN", "FLY"] }), {
      kind: "invalid",
      message: 'invalid capability: "FLY"; use a name such as NET_ADMIN, or ALL',
    });
  }
});

test("masks have the bits that /proc/PID/status shows", () => {
  assert.equal(capabilityMask(defaultCapabilities).toString(16), "a80425fb");
  assert.equal(capabilityMask(capabilityNames).toString(16), "1ffffffffff");
  assert.deepEqual(maskCapabilities(0xa80425fbn), defaultCapabilities);
  assert.deepEqual(maskCapabilities(2n ** 63n), []);
});

test("capset's header is version 3 for the calling thread, its data two halves of three sets", () => {
  assert.equal(Buffer.from(capabilityHeader()).toString("hex"), "2205082000000000");
  const only = (name: CapabilityName) => capabilityMask([name]);
  const data = capabilityData({
    effective: only("CAP_CHOWN"),
    permitted: only("CAP_SETFCAP"),
    inheritable: only("CAP_CHECKPOINT_RESTORE"),
  });
  assert.equal(Buffer.from(data).toString("hex"), "010000000000008000000000000000000000000000010000");
});
