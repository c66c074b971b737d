import assert from "node:assert/strict";
import { posix } from "node:path";
import { test } from "node:test";
import { BrigError } from "../../base/errors.ts";
import { encodeText } from "../tar/byte-string.ts";
import type { TarEntry, TarHeader } from "../tar/entry.ts";
import { header, inPieces, joined } from "../tar/fixture.ts";
import { readTar } from "../tar/read.ts";
import { type NewEntry, writeTar } from "../tar/write.ts";
import { FakeJail, type FakeNode } from "./fake-jail.ts";
import { planLayer, planMerged } from "./plan.ts";

const file = (path: string, content = "", over: Partial<TarHeader> = {}): NewEntry => ({
  header: header(path, { size: Buffer.byteLength(content), ...over }),
  body: [Buffer.from(content)],
});
const dir = (path: string, over: Partial<TarHeader> = {}): NewEntry => ({
  header: header(path, { kind: "directory", mode: 0o755, ...over }),
});
const link = (path: string, target: string): NewEntry => ({
  header: header(path, { kind: "symbolic-link", linkPath: encodeText(target) }),
});
const hard = (path: string, target: string): NewEntry => ({
  header: header(path, { kind: "hard-link", linkPath: encodeText(target) }),
});

type Layers = readonly (readonly NewEntry[])[];

async function merged(layers: Layers): Promise<FakeJail> {
  const jail = new FakeJail();
  async function* archives(): AsyncGenerator<AsyncIterable<TarEntry>> {
    for (const entries of layers) yield readTar(inPieces(await joined(writeTar(entries)), 5000));
  }
  for await (const batch of planMerged(archives(), { devices: "make" })) await jail.run(batch);
  await jail.settle();
  return jail;
}

async function stacked(layers: Layers): Promise<readonly FakeJail[]> {
  const jails: FakeJail[] = [];
  for (const entries of layers) {
    const jail = new FakeJail();
    const archive = readTar(inPieces(await joined(writeTar(entries)), 5000));
    for await (const batch of planLayer(archive, { overlay: "trusted", devices: "make" }))
      await jail.run(batch);
    jails.push(jail);
  }
  return jails;
}

/** What overlayfs shows of the layers (overlayfs.rst): path to kind and content. */
function shown(jails: readonly FakeJail[]): ReadonlyMap<string, string> {
  const seen = new Map<string, string>();
  const look = (path: string, below: readonly FakeJail[]) => {
    const names = new Set<string>();
    for (const { nodes } of below)
      for (const each of nodes.keys()) if (each !== "." && parentOf(each) === path) names.add(each);
    for (const each of names) {
      const having = below.filter(({ nodes }) => nodes.has(each));
      const top = having[0]!.nodes.get(each)!;
      if (isWhiteout(top)) continue;
      seen.set(each, `${top.kind} ${top.detail} ${top.content}`);
      if (top.kind !== "directory") continue;
      const through: FakeJail[] = [];
      for (const jail of having) {
        const node = jail.nodes.get(each)!;
        if (node.kind !== "directory") break;
        through.push(jail);
        if (node.xattrs.has("trusted.overlay.opaque")) break;
      }
      look(each, through);
    }
  };
  const base: FakeJail[] = [];
  for (const jail of jails.toReversed()) {
    base.push(jail);
    if (jail.nodes.get(".")!.xattrs.has("trusted.overlay.opaque")) break;
  }
  look(".", base);
  return seen;
}

const parentOf = (path: string) => (path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : ".");
const isWhiteout = ({ kind, detail }: FakeNode) => kind === "character-device" && detail === "0:0";
const present = ({ nodes }: FakeJail) =>
  new Map(
    [...nodes]
      .filter(([path]) => path !== ".")
      .map(([path, n]) => [path, `${n.kind} ${n.detail} ${n.content}`]),
  );

const cases: readonly (readonly [string, Layers, readonly string[]])[] = [
  ["a file that is written anew", [[file("f", "old")], [file("f", "newer")]], ["f"]],
  [
    "a file that is taken away",
    [
      [dir("d"), file("d/f"), file("d/g")],
      [dir("d"), file("d/.wh.f")],
    ],
    ["d", "d/g"],
  ],
  ["a folder that is taken away", [[dir("d"), dir("d/e"), file("d/e/f")], [file(".wh.d")]], []],
  [
    "a folder that is emptied and filled in one layer, in whichever order",
    [[dir("d"), file("d/old")], [dir("d"), file("d/new"), file("d/.wh..wh..opq")], [file("d/newer")]],
    ["d", "d/new", "d/newer"],
  ],
  ["a folder in the place of a file", [[file("x")], [dir("x"), file("x/y")]], ["x", "x/y"]],
  ["a file in the place of a folder", [[dir("x"), file("x/y")], [file("x")]], ["x"]],
  [
    "a link of a layer below, which leads nowhere in the one above",
    [[dir("real"), link("l", "real")], [file("l/f")]],
    ["l", "l/f", "real"],
  ],
  ["a whiteout of what the same layer has", [[file("f", "old")], [file("f", "new"), file(".wh.f")]], ["f"]],
];

for (const [what, layers, paths] of cases)
  test(`merged layers show what stacked ones do: ${what}`, async () => {
    const jail = await merged(layers);
    assert.deepEqual([...present(jail).keys()].sort(), paths);
    assert.deepEqual(present(jail), new Map([...shown(await stacked(layers))].sort(byPath(jail))));
  });

const byPath = (jail: FakeJail) => {
  const order = [...jail.nodes.keys()];
  return ([a]: readonly [string, string], [b]: readonly [string, string]) =>
    order.indexOf(a) - order.indexOf(b);
};

test("a folder keeps what its last entry says of it, and one without an entry what it had", async () => {
  const jail = await merged([
    [dir("a", { mode: 0o700, uid: 5 }), dir("b", { mode: 0o1777 })],
    [dir("a", { mode: 0o750, uid: 6 }), file("b/f")],
  ]);
  const owner = (path: string) => jail.nodes.get(path)!.owner;
  assert.deepEqual([owner("a"), owner("b").mode], [{ uid: 6, gid: 0, mode: 0o750 }, 0o1777]);
});

test("a hard link to a file of a layer below is refused, as where layers are stacked", async () => {
  const layers = [[file("f")], [hard("g", "f")]];
  for (const make of [merged, stacked]) await assert.rejects(make(layers), { code: "malformed-layer" });
});

test("2,000 hostile images show the same merged and stacked, or are refused either way", async () => {
  let state = 11;
  const random = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const parts = ["a", "b", "c", "d", ".wh.a", ".wh.b", ".wh..wh..opq", ".wh..wh.plnk", "..", "."];
  const plain = () => parts[random(4)]!;
  // Names that only whiteouts have stand last in a path; elsewhere they are refused, which other tests see.
  const name = () =>
    [
      ...Array.from({ length: random(3) }, plain),
      random(4) === 0 ? parts[random(parts.length)] : plain(),
    ].join("/");
  const make = [file, file, file, dir, dir, dir, link, hard] as const;
  const entry = (): NewEntry => {
    const made = make[random(make.length)]!(name(), name() as never);
    return made.header.kind === "directory" ? dir(made.header.path) : made;
  };
  const plainName = ({ header: h }: NewEntry) => posix.normalize(h.path);
  let refused = 0;
  for (let round = 0; round < 2000; round++) {
    // A file and then a folder of one name in one layer: as in Docker, it is on the driver whether that was a file.
    const once = (entries: readonly NewEntry[]) => [
      ...new Map(entries.map((each) => [plainName(each), each])).values(),
    ];
    const layers = Array.from({ length: 2 + random(3) }, () =>
      once(Array.from({ length: 1 + random(6) }, entry)),
    );
    const [one, other] = await Promise.allSettled([merged(layers), stacked(layers)]);
    for (const each of [one, other])
      if (each.status === "rejected" && !(each.reason instanceof BrigError)) throw each.reason;
    const told = JSON.stringify(
      layers.map((entries) => entries.map(({ header: h }) => [h.kind, h.path, h.linkPath])),
    );
    assert.equal(one.status, other.status, told);
    if (one.status === "rejected" || other.status === "rejected") refused++;
    else assert.deepEqual([...present(one.value)].sort(), [...shown(other.value)].sort(), told);
  }
  assert.ok(refused > 200 && refused < 1800, `${refused} of 2000 were refused`);
});
