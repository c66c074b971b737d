/** Makes a container, and gets its image first when it is not here. */

import { BrigError } from "../../base/errors.ts";
import { familiar } from "../../spec/reference.ts";
import type { PullPolicy } from "../options/values/pull.ts";
import type { Context } from "./context.ts";
import type { EngineDoor } from "./engine-door.ts";

/** Does `make`; once more when the image was missing and could be had. */
export async function withImage<T>(
  image: string,
  pull: PullPolicy,
  engine: EngineDoor,
  { stderr }: Context,
  make: () => Promise<T>,
): Promise<T> {
  try {
    return await make();
  } catch (error) {
    const missing = error instanceof BrigError && error.code === "no-such-image";
    if (!missing || pull === "never") throw error;
    const { loadEmbedded } = await import("./embedded-image.ts");
    if (await loadEmbedded(image, engine)) return make();
    await stderr.write(`Unable to find image '${familiar(image)}' locally\n`);
    throw new BrigError(
      "not-found",
      `cannot fetch ${familiar(image)}: registries are not supported yet; bring the image with brig load or brig import`,
      { code: "no-such-image", cause: error },
    );
  }
}
