/** `brig inspect`: everything about containers, images, networks and volumes. */

import { BrigError } from "../../base/errors.ts";
import type { Documents } from "../../docker/documents/documents.ts";
import type { CallTo, Context } from "./context.ts";
import { inspectEach } from "./inspect-each.ts";

export async function inspect({ options, operands }: CallTo<"inspect">, context: Context): Promise<number> {
  const { type, size, format } = options;
  const documents = await context.documents();
  return inspectEach(operands, format, context, (name) => lookUp(documents, name, type, size));
}

type Type = "container" | "image" | "network" | "volume";

/** Docker's. */
const order: readonly Type[] = ["container", "image", "network", "volume"];

async function lookUp(
  documents: Documents,
  name: string,
  type: Type | undefined,
  size: boolean,
): Promise<unknown> {
  switch (type) {
    case "container":
      return documents.container(name, { size });
    case "image":
      return documents.image(name);
    case "network":
      return documents.network(name);
    case "volume":
      return documents.volume(name);
    case undefined:
      for (const each of order) {
        const found = await ifThere(() => lookUp(documents, name, each, size));
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
