/** `brig create`: makes a container and prints its id. */

import { UsageError } from "../flags/usage-error.ts";
import { attachmentOf } from "./attachment.ts";
import { CidFile } from "./cid-file.ts";
import { containerSpec } from "./container-spec.ts";
import { type CallTo, CommandFailure, type Context } from "./context.ts";
import { withImage } from "./with-image.ts";

export async function create(call: CallTo<"create">, context: Context): Promise<number> {
  const { options } = call;
  const spec = specOf(call, context);
  using cidFile = options.cidfile ? CidFile.reserve(options.cidfile) : undefined;
  const engine = await context.engine();
  const { id } = await withImage(spec.image, options.pull, engine, context, () => engine.create(spec));
  cidFile?.write(id);
  await context.stdout.write(`${id}\n`);
  return 0;
}

/** Options that contradict each other are as bad as flags that cannot be read. */
function specOf({ options, operands, path }: CallTo<"create">, context: Context) {
  try {
    return containerSpec(options, operands, context, attachmentOf(options)?.stdin ?? false);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new CommandFailure(error, 125, path);
  }
}
