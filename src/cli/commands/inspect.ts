/** `brig inspect`: everything about containers, images, networks and volumes. */

import { BrigError } from "../../base/errors.ts";
import { containerJson } from "../../docker/inspect/container.ts";
import { imageJson } from "../../docker/inspect/image.ts";
import { networkInfoJson } from "../../docker/inspect/network.ts";
import { volumeJson } from "../../docker/inspect/volume.ts";
import type { CallTo, Context } from "./context.ts";
import type { EngineDoor } from "./engine-door.ts";
import { inspectEach } from "./inspect-each.ts";

export async function inspect({ options, operands }: CallTo<"inspect">, context: Context): Promise<number> {
  const { type, size, format } = options;
  const engine = await context.engine();
  return inspectEach(operands, format, context, (name) => lookUp(engine, name, type, size));
}

export async function inspectContainer(engine: EngineDoor, name: string, size: boolean): Promise<unknown> {
  const container = await engine.inspect(name);
  const json = containerJson(container, imageConfigOf(engine, container.imageId));
  if (!size) return json;
  const { written, root } = await engine.size(container.id);
  return { ...json, SizeRw: written, SizeRootFs: root };
}

type Type = "container" | "image" | "network" | "volume";

/** Docker's. */
const order: readonly Type[] = ["container", "image", "network", "volume"];

async function lookUp(
  engine: EngineDoor,
  name: string,
  type: Type | undefined,
  size: boolean,
): Promise<unknown> {
  switch (type) {
    case "container":
      return inspectContainer(engine, name, size);
    case "image":
      return imageJson(engine.inspectImage(name));
    case "network":
      return networkInfoJson(await engine.inspectNetwork(name));
    case "volume":
      return volumeJson(await engine.inspectVolume(name));
    case undefined:
      for (const each of order) {
        const found = await ifThere(() => lookUp(engine, name, each, size));
        if (found !== undefined) return found;
      }
      throw new BrigError("not-found", `No such object: ${name}`);
  }
}

/** Undefined when there is no such thing, or when the name is none that such a thing could have. */
async function ifThere<T>(find: () => Promise<T>): Promise<T | undefined> {
  try {
    return await find();
  } catch (error) {
    const absent =
      error instanceof BrigError && (error.kind === "not-found" || error.code === "invalid-reference");
    if (absent) return undefined;
    throw error;
  }
}

/** The image may have been removed since the container was made. */
function imageConfigOf(engine: EngineDoor, imageId: string) {
  try {
    return engine.inspectImage(imageId).config;
  } catch (error) {
    if (error instanceof BrigError && error.kind === "not-found") return undefined;
    throw error;
  }
}
