/** The image that every brig carries in its executable, so that `run` has something to run on a machine without network. */

import { readFileSync } from "node:fs";
import { familiar } from "../../spec/reference.ts";
import type { EngineDoor } from "./engine-door.ts";

const embeddedName = "brig.local/hello:latest";
const fileName = "embedded-image.tar";

/** Loads the embedded image when it is the one that was asked for; false for any other. */
export async function loadEmbedded(image: string, engine: EngineDoor): Promise<boolean> {
  if (familiar(image) !== embeddedName) return false;
  for await (const _ of engine.load(embeddedArchive())) {
    // What matters is that it is loaded to the end.
  }
  return true;
}

async function* embeddedArchive(): AsyncGenerator<Uint8Array> {
  yield readFileSync(archivePath(import.meta.url));
}

/** Beside the sources in the executable, else in the checkout's build. */
function archivePath(module: string): URL {
  return module.includes("/$bunfs/")
    ? new URL(fileName, module)
    : new URL(`../../../build/${fileName}`, module);
}
