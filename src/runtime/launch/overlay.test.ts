import assert from "node:assert/strict";
import { test } from "node:test";
import type { HostPath } from "../../base/ids.ts";
import { ProgramBuilder, SlotAllocator } from "../../kernel/program/builder.ts";
import { lowerLimit, type OverlaySource, openOverlay } from "./overlay.ts";

const layer = (i: number) => `layers/${i.toString(16).padStart(64, "0")}`;
const container = `containers/${"c".repeat(64)}`;
const source = (count: number): OverlaySource => ({
  kind: "overlay",
  base: `/${"long/".repeat(40)}root` as HostPath,
  lower: Array.from({ length: count }, (_, i) => layer(i)),
  written: { upper: `${container}/upper`, work: `${container}/work` },
});

function calls(kernel: readonly [number, number], count: number) {
  const slots = new SlotAllocator(4);
  const opener = new ProgramBuilder();
  const scratch = [slots.slot("scratch"), slots.slot("scratch 2")] as const;
  openOverlay({ opener, root: slots.slot("root"), scratch, kernel }, source(count));
  return opener.instructions.flatMap((each) => (each.kind === "call" ? [each] : []));
}

/** The option string as mount(2) gets it. */
function optionsOf(count: number): string {
  const [mount] = calls([6, 1], count).filter(({ name }) => name === "mount");
  return String(mount!.args[4]);
}

test("before Linux 6.8 as many layers as an overlay takes fit into the page that mount(2) copies", () => {
  for (const count of [2, 54, 55, 100, 400, lowerLimit]) {
    const options = optionsOf(count);
    assert(Buffer.byteLength(options) <= 4095, `${count} layers: ${options.length} bytes`);
    assert.equal(options.split(",")[0]!.split(":").length, count);
  }
});

test("layers have their own names there for as long as these fit, and each a link else", () => {
  assert.match(optionsOf(50), /^lowerdir=layers\/0+:layers\//);
  const long = calls([6, 1], 400);
  const links = long.filter(({ name }) => name === "symlinkat");
  assert.equal(links.length, 402);
  assert.equal(new Set(links.map(({ args }) => args[2])).size, 402);
  assert.deepEqual(links[399]!.args.slice(0, 3), [`${source(0).base}/${layer(399)}`, -100, "b3"]);
  assert.match(optionsOf(400), /^lowerdir=0:1:.*:b2:b3,upperdir=upper,workdir=work$/);
});

test("since Linux 6.8 each layer is a call, whose text has at most 255 bytes", () => {
  const layers = calls([6, 8], lowerLimit).filter(({ args }) => args[2] === "lowerdir+");
  assert.equal(layers.length, lowerLimit);
  for (const { args } of layers) assert(String(args[3]).length < 256);
});
