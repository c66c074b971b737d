/** What `inspect` prints for several names: one JSON array, or a line each through a template; errors come after. */

import { formatJson } from "../../spec/schema/json.ts";
import { formatOne } from "../terminal/format.ts";
import type { Context } from "./context.ts";
import { errorText } from "./error-text.ts";

export async function inspectEach(
  names: readonly string[],
  format: string | undefined,
  { stdout, stderr, environment }: Context,
  find: (name: string) => Promise<unknown>,
): Promise<number> {
  const found: unknown[] = [];
  const errors: unknown[] = [];
  for (const name of names) {
    try {
      found.push(await find(name));
    } catch (error) {
      errors.push(error);
    }
  }
  await stdout.write(
    format === undefined || format === "" || format === "json"
      ? `${formatJson(found, format === "json" ? undefined : "    ")}\n`
      : found.map((each) => `${formatOne(format, each)}\n`).join(""),
  );
  for (const error of errors) await stderr.write(errorText(error, environment));
  return errors.length > 0 ? 1 : 0;
}
