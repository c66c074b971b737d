import assert from "node:assert/strict";
import { test } from "node:test";
import { parseTmpfs } from "../../../docker/text/tmpfs.ts";
import { parseVolume } from "../../../docker/text/volume.ts";
import { parseMount } from "./mount-flag.ts";
import { absoluteSource } from "./volume.ts";

const bind = { kind: "bind", target: "/b", readOnly: false, recursive: "enabled" } as const;
const volume = {
  kind: "volume",
  target: "/b",
  readOnly: false,
  noCopy: false,
  driverOptions: {},
  labels: {},
} as const;
const tmpfs = { kind: "tmpfs", target: "/b", readOnly: false, options: [] } as const;

function refuses(read: (text: string) => unknown, facts: readonly (readonly [string, string])[]): void {
  for (const [text, message] of facts) assert.throws(() => read(text), { message }, text);
}

test("volumes are anonymous, named, or host paths with modes", () => {
  const made = { ...bind, createSource: true };
  const facts = [
    ["/b", volume],
    ["vol:/b", { ...volume, name: "vol" }],
    ["vol:/b:ro,nocopy", { ...volume, name: "vol", readOnly: true, noCopy: true }],
    ["/a:/b", { ...made, source: "/a" }],
    ["./a:/b", { ...made, source: "./a" }],
    [
      "/a:/b:ro,rslave,z",
      { ...made, source: "/a", readOnly: true, propagation: "rslave", relabel: "shared" },
    ],
    ["/a:/b:cached", { ...made, source: "/a" }],
    ["/a:/b:ro,idmap", { ...made, source: "/a", readOnly: true, idmap: true }],
    ["vol:/b:idmap", { ...volume, name: "vol", idmap: true }],
  ] as const;
  for (const [text, expected] of facts) assert.deepEqual(parseVolume(text), expected, text);
});

test("a malformed volume is refused", () => {
  refuses(parseVolume, [
    ["", "invalid empty volume spec"],
    [":/x", "invalid spec: :/x: empty section between colons"],
    ["a:b:c:d", "invalid volume specification: 'a:b:c:d'"],
    ["/a:ro", "invalid volume specification: '/a:ro'"],
    ["/a:/b:zz", "invalid mode: zz"],
    ["/a:/b:RO", "invalid mode: RO"],
    ["/a:/b:rw,ro", "invalid mode: rw,ro"],
    ["/a:/b:z,Z", "invalid mode: z,Z"],
    ["/a:/b:idmap=uids=0-1-10", "invalid mode: idmap=uids=0-1-10"],
    ["/a:/b:rprivate,shared", "invalid mode: rprivate,shared"],
    ["/a:/b:toString", "invalid mode: toString"],
    [
      "/a:/",
      "invalid volume specification: '/a:/': invalid mount config for type \"bind\": invalid specification: destination can't be '/'",
    ],
    [
      "/a:/b/..",
      "invalid volume specification: '/a:/b/..': invalid mount config for type \"bind\": invalid specification: destination can't be '/'",
    ],
    [
      "/tmp:/b:nocopy",
      "invalid volume specification: '/tmp:/b:nocopy': invalid mount config for type \"bind\": field VolumeOptions must not be specified",
    ],
    [
      "a:/b:rshared",
      "invalid volume specification: 'a:/b:rshared': invalid mount config for type \"volume\": field BindOptions must not be specified",
    ],
  ]);
});

test("a source with a leading dot is a path from the caller's directory", () => {
  const source = (text: string) => {
    const mount = absoluteSource(parseVolume(text), "/home/me");
    return mount.kind === "bind" ? mount.source : mount.name;
  };
  assert.deepEqual(["./a:/b", "..:/b", ".a:/b", "a:/b", "/a:/b"].map(source), [
    "/home/me/a",
    "/home",
    "/home/me/.a",
    "a",
    "/a",
  ]);
});

test("mounts are fields of one type", () => {
  const asked = { ...bind, source: "/a", createSource: false };
  const facts = [
    ["type=bind,source=/a,destination=/b,readonly=1", { ...asked, readOnly: true }],
    ["TYPE=BIND,SRC=/a,DST=/b,ro", { ...asked, readOnly: true }],
    ["type=bind,src=/a,dst=/b,readonly,readonly=false,consistency=cached", asked],
    ['"type=bind","src=/a,b",dst=/b', { ...asked, source: "/a,b" }],
    ["type=bind,src=/a,dst=/b,bind-propagation=rslave", { ...asked, propagation: "rslave" }],
    ["type=bind,src=/a,dst=/b,bind-nonrecursive", { ...asked, recursive: "disabled" }],
    [
      "type=bind,src=/a,dst=/b,ro,bind-recursive=writable",
      { ...asked, readOnly: true, recursive: "writable" },
    ],
    ["dst=/b", volume],
    ["src=v,dst=/b,idmap", { ...volume, name: "v", idmap: true }],
    ["src=v,dst=/b,volume-nocopy,volume-subpath=s", { ...volume, name: "v", noCopy: true, subpath: "s" }],
    [
      "type=volume,dst=/b,volume-driver=d,volume-opt=a=b,volume-label=x,volume-label=__proto__=y",
      {
        ...volume,
        driver: "d",
        driverOptions: { a: "b" },
        labels: Object.fromEntries([
          ["x", ""],
          ["__proto__", "y"],
        ]),
      },
    ],
    ["type=tmpfs,dst=/b,tmpfs-size=1m,tmpfs-mode=1770", { ...tmpfs, size: 1_048_576, mode: 0o1770 }],
    ["type=image,src=i,dst=/b,image-subpath=s", { kind: "image", image: "i", target: "/b", subpath: "s" }],
  ] as const;
  for (const [text, expected] of facts) assert.deepEqual(parseMount(text), expected, text);
});

test("a mount that its type does not allow is refused", () => {
  refuses(parseMount, [
    ["type=foo,dst=/b", 'invalid mount config for type "foo": mount type unknown'],
    ["type=constructor,dst=/b", 'invalid mount config for type "constructor": mount type unknown'],
    ["type=bind,dst=/b", 'invalid mount config for type "bind": field Source must not be empty'],
    [
      "type=bind,src=a,dst=/b",
      "invalid mount config for type \"bind\": invalid mount path: 'a' mount path must be absolute",
    ],
    [
      "type=bind,src=/a,dst=/b,bind-propagation=foo",
      'invalid mount config for type "bind": invalid propagation mode: foo',
    ],
    ["type=tmpfs,dst=/b,src=/a", 'invalid mount config for type "tmpfs": field Source must not be specified'],
    [
      "type=tmpfs,dst=b",
      "invalid mount config for type \"tmpfs\": invalid mount path: 'b' mount path must be absolute",
    ],
    [
      "type=tmpfs,dst=/",
      "invalid mount config for type \"tmpfs\": invalid specification: destination can't be '/'",
    ],
    [
      "type=bind,src=/a,dst=/b,ro,bind-recursive=readonly",
      "option 'bind-recursive=readonly' requires 'bind-propagation=rprivate' to be specified in conjunction",
    ],
  ]);
});

test("file systems in memory take the mount options of tmpfs", () => {
  assert.deepEqual(parseTmpfs("/b"), tmpfs);
  assert.deepEqual(parseTmpfs("/b:"), tmpfs);
  assert.deepEqual(parseTmpfs("/b:ro,noexec,size=64m"), {
    ...tmpfs,
    readOnly: true,
    options: ["noexec", "size=64m"],
  });
  refuses(parseTmpfs, [
    ["foo", "invalid mount path: 'foo' mount path must be absolute"],
    ["/", "invalid specification: destination can't be '/'"],
    ["/b:bogus", 'invalid tmpfs option ["bogus"]'],
    ["/b:lowerdir=/x", 'invalid tmpfs option ["lowerdir=/x"]'],
  ]);
});
