import { BrigError } from "../../base/errors.ts";

/** The same bytes, but no more than `limit` of them: a failure of kind `invalid` comes in place of the rest. */
export async function* bounded(
  source: AsyncIterable<Uint8Array>,
  limit: number,
  what: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  let total = 0;
  for await (const chunk of source) {
    total += chunk.length;
    if (total > limit)
      throw new BrigError("invalid", `cannot read ${what}: it is larger than ${limit} bytes`, {
        code: "too-large",
      });
    yield chunk;
  }
}
