/** What Docker 28.2 (and, behind it, an engine of version 20.10) made of each value. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDetachKeys } from "../../../docker/text/detach-keys.ts";
import { instant } from "../../../docker/text/moment.ts";
import type { FlagType } from "../../flags/flag.ts";
import { streamList } from "./attach.ts";
import { capabilityList } from "./capability.ts";
import { parseDevice } from "./device.ts";
import { nameServerList, searchDomainList } from "./dns.ts";
import { environmentList, resolveEnvironment } from "./env.ts";
import { extraHostList } from "./extra-host.ts";
import { filters } from "./filter.ts";
import { labelList, resolveLabels } from "./label.ts";
import { parseMac } from "./mac.ts";
import { moment } from "./moment.ts";
import { cgroupMode, ipcMode, pidMode, utsMode } from "./namespace.ts";
import { parseNetwork, resolveNetworks } from "./network.ts";
import { parsePlatform } from "./platform.ts";
import { parseRestartPolicy } from "./restart.ts";
import { securityOptions } from "./security.ts";
import { sysctlMap } from "./sysctl.ts";
import { parseUlimit, ulimitList } from "./ulimit.ts";
import { userMode } from "./user-namespace.ts";

type Facts = readonly (readonly [string, unknown])[];

function readsAs(read: (text: string) => unknown, facts: Facts): void {
  for (const [text, expected] of facts) assert.deepEqual(read(text), expected, text);
}

function refuses(read: (text: string) => unknown, facts: Facts): void {
  for (const [text, message] of facts) assert.throws(() => read(text), { message }, text);
}

/** Reads occurrences one after the other. */
function all<Value>(type: FlagType<Value, unknown>, ...texts: readonly string[]): Value | undefined {
  let value: Value | undefined;
  for (const text of texts) value = type.read(text, value);
  return value;
}

const bytes = (text: string) => new TextEncoder().encode(text);

test("streams are named in any case", () => {
  assert.deepEqual(all(streamList, "STDIN", "stdout"), ["stdin", "stdout"]);
  refuses((text) => all(streamList, text), [["", "valid streams are STDIN, STDOUT and STDERR"]]);
});

test("capabilities get their prefix", () => {
  assert.deepEqual(all(capabilityList, "net_admin", "CAP_SYS_ADMIN", "all"), [
    "CAP_NET_ADMIN",
    "CAP_SYS_ADMIN",
    "ALL",
  ]);
});

test("environment comes from files first, and a name alone takes the caller's value", () => {
  const files: Record<string, string> = {
    f: "A=1\r\n# no\n\n  B=2\nHOME\nNOPE\nC= x y \n",
    bom: "\uFEFFZ=1",
  };
  const source = { environment: { HOME: "/root" }, readFile: (path: string) => bytes(files[path]!) };
  assert.deepEqual(resolveEnvironment(["B=z", "HOME", "GONE", "a b=c"], ["f", "bom"], source), [
    "A=1",
    "B=2",
    "HOME=/root",
    "C= x y ",
    "Z=1",
    "B=z",
    "HOME=/root",
    "GONE",
    "a b=c",
  ]);
  refuses(
    (text) => all(environmentList, text),
    [
      ["", "invalid environment variable: "],
      ["=x", "invalid environment variable: =x"],
    ],
  );
});

test("a malformed environment file is refused by name", () => {
  const read = (content: Uint8Array) =>
    resolveEnvironment([], ["e"], { environment: {}, readFile: () => content });
  refuses(
    (text) => read(bytes(text)),
    [
      ["a b=c", "invalid env file (e): variable 'a b' contains whitespaces"],
      ["export x=y", "invalid env file (e): variable 'export x' contains whitespaces"],
      [" a =b", "invalid env file (e): variable 'a ' contains whitespaces"],
      ["=x", "invalid env file (e): no variable name on line '=x'"],
    ],
  );
  assert.throws(() => read(Uint8Array.of(0x61, 0x3d, 0xff)), {
    message: "invalid env file (e): invalid utf8 bytes at line 1: [97 61 255]",
  });
});

test("labels have a name and perhaps a value", () => {
  const labels = resolveLabels(["a=b=c", "d", " e=f"], ["f"], () => bytes("a=x\ny=2\n"));
  assert.deepEqual(labels, { a: "b=c", d: "", " e": "f", y: "2" });
  refuses(
    (text) => all(labelList, text),
    [
      ["", "invalid label '': empty name"],
      ["=a", "invalid label '=a': empty name"],
      ["a b=c", "label 'a b' contains whitespaces"],
    ],
  );
});

test("resource limits have one or two values", () => {
  readsAs(parseUlimit, [
    ["nofile=1024", { name: "nofile", soft: 1024, hard: 1024 }],
    ["nofile=1024:2048", { name: "nofile", soft: 1024, hard: 2048 }],
    ["core=-1", { name: "core", soft: -1, hard: -1 }],
    ["nofile=5:-1", { name: "nofile", soft: 5, hard: -1 }],
    ["nproc=010", { name: "nproc", soft: 10, hard: 10 }],
  ]);
  assert.deepEqual(all(ulimitList, "core=1", "nofile=2", "core=3"), [
    { name: "nofile", soft: 2, hard: 2 },
    { name: "core", soft: 3, hard: 3 },
  ]);
  refuses(parseUlimit, [
    ["CORE=1", "invalid ulimit type: CORE"],
    ["=5", "invalid ulimit type: "],
    ["nofile", "invalid ulimit argument: nofile"],
    ["nofile=0x5", 'strconv.ParseInt: parsing "0x5": invalid syntax'],
    ["nofile=1=2", 'strconv.ParseInt: parsing "1=2": invalid syntax'],
  ]);
});

test("devices have a path on each side and permissions", () => {
  const device = (pathOnHost: string, pathInContainer: string, permissions: string) => ({
    kind: "path",
    pathOnHost,
    pathInContainer,
    permissions,
  });
  readsAs(parseDevice, [
    ["/dev/x", device("/dev/x", "/dev/x", "rwm")],
    ["/dev/x:/dev/y", device("/dev/x", "/dev/y", "rwm")],
    ["/dev/x:mr", device("/dev/x", "/dev/x", "mr")],
    ["/dev/x:/y:r", device("/dev/x", "/y", "r")],
    ["vendor.com/class=dev", { kind: "cdi", name: "vendor.com/class=dev" }],
  ]);
  refuses(parseDevice, [
    ["", "bad format for path: "],
    ["a:b:c:d", "bad format for path: a:b:c:d"],
    [":/dev/x", "bad format for path: :/dev/x"],
    ["x", "x is not an absolute path"],
    ["/dev/x:rr", "rr is not an absolute path"],
    ["/dev/x:", " is not an absolute path"],
    ["/dev/x:/y:zz", "bad mode specified: zz"],
  ]);
});

test("only kernel parameters of namespaces may be set", () => {
  assert.deepEqual(all(sysctlMap, "net.ipv4.ip_forward=1=2", "kernel.sem=1", "fs.mqueue.x=3"), {
    "net.ipv4.ip_forward": "1=2",
    "kernel.sem": "1",
    "fs.mqueue.x": "3",
  });
  refuses(
    (text) => all(sysctlMap, text),
    [
      ["net.x", "sysctl 'net.x' is not allowed"],
      ["kernel.hostname=x", "sysctl 'kernel.hostname=x' is not allowed"],
      ["=x", "sysctl '=x' is not allowed"],
    ],
  );
});

test("security options gather in one record", () => {
  const given = [
    "seccomp=/p.json",
    "apparmor:mine",
    "label=type:a",
    "label:level:b",
    "no-new-privileges",
    "systempaths=unconfined",
    "mask=/a:/b",
    "unmask=ALL",
  ];
  assert.deepEqual(all(securityOptions, ...given), {
    seccomp: { kind: "file", path: "/p.json" },
    apparmor: "mine",
    label: ["type:a", "level:b"],
    noNewPrivileges: true,
    systemPathsUnconfined: true,
    mask: ["/a", "/b"],
    unmask: ["ALL"],
  });
  assert.equal(all(securityOptions, "no-new-privileges:false")?.noNewPrivileges, false);
  assert.deepEqual(all(securityOptions, "seccomp:unconfined")?.seccomp, { kind: "unconfined" });
  const wrong = [
    "",
    "foo",
    "foo=bar",
    "seccomp=",
    "label",
    "systempaths=x",
    "no-new-privileges=x",
    "=x",
    "toString=x",
  ];
  for (const text of wrong) {
    assert.throws(() => all(securityOptions, text), { message: `Invalid --security-opt: "${text}"` }, text);
  }
});

test("restart policies may limit their tries only on failure", () => {
  readsAs(parseRestartPolicy, [
    ["", { name: "no", maximumRetryCount: 0 }],
    ["always:0", { name: "always", maximumRetryCount: 0 }],
    ["on-failure:", { name: "on-failure", maximumRetryCount: 0 }],
    ["on-failure:3", { name: "on-failure", maximumRetryCount: 3 }],
  ]);
  refuses(parseRestartPolicy, [
    ["foo", "invalid restart policy 'foo'"],
    ["always:3", "maximum retry count cannot be used with restart policy 'always'"],
    ["on-failure:-1", "maximum retry count cannot be negative"],
    ["a:b:c", "invalid restart policy format: maximum retry count must be an integer"],
  ]);
});

test("each namespace has its own modes", () => {
  assert.deepEqual(all(pidMode, "container:x"), { kind: "container", container: "x" });
  assert.deepEqual(all(ipcMode, "shareable"), { kind: "shareable" });
  assert.deepEqual(all(cgroupMode, "private"), { kind: "private" });
  assert.equal(all(utsMode, ""), undefined);
  refuses((text) => all(utsMode, text), [["container:x", "--uts: invalid UTS mode"]]);
  refuses(
    (text) => all(pidMode, text),
    [
      ["container:", "--pid: invalid PID mode"],
      ["container", "--pid: invalid PID mode"],
    ],
  );
});

test("a user namespace is the host's, its own with as many ids as are asked for, or another container's", () => {
  readsAs(
    (text) => all(userMode, text),
    [
      ["", undefined],
      ["host", { kind: "host" }],
      ["private", { kind: "private" }],
      ["auto", { kind: "private" }],
      ["auto:size=1000", { kind: "private", size: 1000 }],
      ["container:a:b", { kind: "container", container: "a:b" }],
    ],
  );
  const mode = "--userns: invalid USER mode";
  const rootless = "is for containers of a user who is not root, whose own id it is about; use private";
  refuses(
    (text) => all(userMode, text),
    [
      ["x", mode],
      ["container:", mode],
      ["private:size=1", mode],
      ["host:", mode],
      ["keep-id", `--userns: keep-id ${rootless}`],
      ["keep-id:uid=5", `--userns: keep-id ${rootless}`],
      ["nomap", `--userns: nomap ${rootless}`],
      ["auto:size=x", "--userns: of auto only the size can be chosen (auto:size=COUNT), not size=x"],
      ["auto:size=00", "--userns: auto:size=0 leaves no id, not even for root"],
    ],
  );
});

test("further hosts have an address or the gateway's name", () => {
  readsAs(
    (text) => all(extraHostList, text)?.[0],
    [
      ["a:1.2.3.4", { name: "a", address: "1.2.3.4" }],
      ["a=[::1]", { name: "a", address: "::1" }],
      ["a:::1", { name: "a", address: "::1" }],
      ["h:host-gateway", { name: "h", address: "host-gateway" }],
    ],
  );
  refuses(
    (text) => all(extraHostList, text),
    [
      [":1.2.3.4", 'bad format for add-host: ":1.2.3.4"'],
      ["a=b=c", 'invalid IP address in add-host: "b=c"'],
    ],
  );
});

test("name servers are addresses and search domains are names", () => {
  assert.deepEqual(all(nameServerList, " 1.1.1.1 ", "::1"), ["1.1.1.1", "::1"]);
  assert.deepEqual(all(searchDomainList, "a.b", ".", "A.b."), ["a.b", ".", "A.b"]);
  refuses(
    (text) => all(searchDomainList, text),
    [
      ["", " is not a valid domain"],
      ["-x", "-x is not a valid domain"],
      ["a_b", "a_b is not a valid domain"],
    ],
  );
});

const attachment = { kind: "network", name: "foo", aliases: [], linkLocal: [], driverOptions: {} } as const;

test("networks are named alone or with fields", () => {
  readsAs(parseNetwork, [
    ["foo", attachment],
    ["host", { kind: "host" }],
    ["none", { kind: "none" }],
    ["container:a", { kind: "container", container: "a" }],
    ["name=foo,alias=a,alias=b,ip=1.2.3.4", { ...attachment, aliases: ["a", "b"], ipv4: "1.2.3.4" }],
    [
      "name=foo,ip6=::1,mac-address=02:42:AC:11:00:02,driver-opt=a=b,gw-priority=5",
      { ...attachment, ipv6: "::1", mac: "02:42:ac:11:00:02", driverOptions: { a: "b" }, gatewayPriority: 5 },
    ],
  ]);
  refuses(parseNetwork, [
    ["", "network name/id is not specified"],
    ["name=", "network name/id is not specified"],
    ["name=foo,ip=x", "invalid IPv4 address: x"],
    ["name=foo,mac-address=zz", "zz is not a valid mac address"],
  ]);
});

test("older flags add to the first network and must not contradict it", () => {
  const nothing = { ip: undefined, ip6: undefined, macAddress: undefined, networkAlias: [] };
  const other = { ...attachment, name: "bar" };
  assert.deepEqual(resolveNetworks([attachment, other], { ...nothing, ip: "1.2.3.4", networkAlias: ["z"] }), [
    { ...attachment, ipv4: "1.2.3.4", aliases: ["z"] },
    other,
  ]);
  assert.deepEqual(resolveNetworks([], nothing), [{ ...attachment, name: "default" }]);
  assert.throws(() => resolveNetworks([{ ...attachment, ipv4: "1.2.3.4" }], { ...nothing, ip: "1.2.3.5" }), {
    message: "conflicting options: cannot specify both --ip and per-network IPv4 address",
  });
  assert.throws(() => resolveNetworks([], { ...nothing, networkAlias: ["x"] }), {
    message: "network-scoped aliases are only supported for user-defined networks",
  });
});

test("Ethernet addresses come in three notations", () => {
  for (const text of ["02:42:AC:11:00:02", "02-42-ac-11-00-02", "0242.ac11.0002"]) {
    assert.equal(parseMac(text), "02:42:ac:11:00:02");
  }
  assert.throws(() => parseMac("02:42:ac:11:00"), { message: "02:42:ac:11:00 is not a valid mac address" });
});

test("platforms are normalized", () => {
  readsAs(parsePlatform, [
    ["linux", { os: "linux" }],
    ["aarch64", { architecture: "arm64" }],
    ["linux/x86_64", { os: "linux", architecture: "amd64" }],
    ["linux/arm64/v8", { os: "linux", architecture: "arm64" }],
    ["linux/arm/v6", { os: "linux", architecture: "arm", variant: "v6" }],
    ["linux/arm/7", { os: "linux", architecture: "arm", variant: "v7" }],
    ["linux/arm", { os: "linux", architecture: "arm", variant: "v7" }],
    ["windows/amd64", { os: "windows", architecture: "amd64" }],
    ["wasi/wasm", { os: "wasi", architecture: "wasm" }],
  ]);
});

test("filters with one key are gathered", () => {
  assert.deepEqual(all(filters, "label=a=b", "Label = c", "", "status=exited"), {
    label: ["a=b", "c"],
    status: ["exited"],
  });
});

test("moments are spans before now, seconds since 1970, or dates", () => {
  const since = moment("since");
  const now = 1_000_000_000_000_000_000n;
  const at = (text: string) => instant(since.read(text, undefined)!, now);
  assert.equal(at("42m"), now - 2_520_000_000_000n);
  assert.equal(at("1357133017.5"), 1_357_133_017_500_000_000n);
  assert.equal(at("0"), 0n);
  assert.equal(at("2013-01-02T13:23:37.000000001Z"), 1_357_133_017_000_000_001n);
  assert.equal(at("2013-01-02T13:23:37+02:00"), 1_357_125_817_000_000_000n);
  assert.equal(at("2013-01-02T13"), BigInt(new Date(2013, 0, 2, 13).getTime()) * 1_000_000n);
  assert.equal(since.read("", undefined), undefined);
  for (const text of ["x", "10.x", "2013-13-01"]) {
    assert.throws(() => at(text), {
      message: `invalid value for "since": failed to parse value as time or duration: "${text}"`,
    });
  }
});

test("detach keys are characters and control keys", () => {
  readsAs(
    (text) => [...parseDetachKeys(text)],
    [
      ["ctrl-p,ctrl-q", [16, 17]],
      ["", [16, 17]],
      ["a,b", [97, 98]],
      ["ctrl-@,ctrl-[,ctrl-\\,ctrl-],ctrl-^,ctrl-_,DEL", [0, 27, 28, 29, 30, 31, 127]],
    ],
  );
  for (const text of ["ctrl-A", "ctrl-", "foo", "ctrl-p,", "ctrl-1", "é"]) {
    assert.throws(() => parseDetachKeys(text), { message: `invalid detach keys (${text}) provided` });
  }
});
