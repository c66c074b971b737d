/** `brig cp`: copies files and folders out of a container, or into one; `-` is an archive on stdout or stdin. */

import { BrigError } from "../../base/errors.ts";
import { humanSize } from "../../base/units.ts";
import type { CallTo, Context } from "./context.ts";
import { type CopyOrder, copyOrder, localPath } from "./copy-paths.ts";

export async function cp({ options, operands }: CallTo<"cp">, context: Context): Promise<number> {
  const order = copyOrder(operands[0]!, operands[1]!);
  const { archive, followLink: follow } = options;
  if (order.local === "-") return copyArchive(order, follow, context);
  const engine = await context.engine();
  const { container, path } = order;
  const request = { path, hostPath: localPath(context.directory, order.local), archive, follow };
  const bytes = await (order.kind === "out"
    ? engine.copyOut(container, request)
    : engine.copyIn(container, request));
  if (options.quiet || !context.stdout.terminal()) return 0;
  const to = order.kind === "out" ? order.local : `${container}:${path}`;
  await context.stderr.write(`Successfully copied ${humanSize(bytes)} to ${to}\n`);
  return 0;
}

async function copyArchive(
  { kind, container, path }: CopyOrder,
  follow: boolean,
  context: Context,
): Promise<number> {
  const engine = await context.engine();
  if (kind === "in") {
    await engine.archiveIn(container, path, context.stdin.bytes()).catch((error: unknown) => {
      throw error instanceof BrigError && error.code === "no-such-path"
        ? new BrigError("invalid", `destination "${container}:${path}" must be a directory`, { cause: error })
        : error;
    });
    return 0;
  }
  if (context.stdout.terminal())
    throw new BrigError("invalid", "refusing to write an archive to a terminal; redirect the output");
  for await (const chunk of engine.archiveOut(container, { path, follow })) await context.stdout.write(chunk);
  return 0;
}
