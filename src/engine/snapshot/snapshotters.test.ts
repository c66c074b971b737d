import { test } from "node:test";
import { layeredImage } from "../../../tests/fixtures/layered-image.ts";
import { overlay2 } from "./overlay2/driver.ts";
import { snapshotterContract } from "./snapshotter.contract.ts";
import { vfs } from "./vfs/driver.ts";

const sample = await layeredImage("many:1", [1, 2, 3, 50, 1, 4, 250, 251]);

for (const snapshots of [overlay2, vfs]) {
  for (const { title, check } of snapshotterContract(snapshots, sample)) {
    test(title, check);
  }
}
