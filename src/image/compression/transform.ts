/** A source sent through a stream of node:zlib. */

import type { Transform } from "node:stream";
import { BrigError, messageOf } from "../../base/errors.ts";
import { feed } from "./feed.ts";

export async function* throughTransform(
  source: AsyncIterable<Uint8Array>,
  transform: Transform,
): AsyncGenerator<Uint8Array, void, undefined> {
  const feeding = feed(source, transform);
  try {
    yield* transform as AsyncIterable<Uint8Array>;
  } catch (cause) {
    throw undecodable(cause);
  } finally {
    transform.destroy();
    await feeding;
  }
}

/** zlib's failure as one of ours; a failure of the source has come through the stream and stays what it is. */
export function undecodable(cause: unknown): unknown {
  const code = String((cause as { readonly code?: unknown } | null)?.code);
  if (cause instanceof BrigError || !/^(Z_|ZSTD_|ERR_BUFFER)/.test(code)) return cause;
  return new BrigError("invalid", `cannot decompress the stream: ${messageOf(cause).toLowerCase()}`, {
    code: "malformed-compression",
    cause,
  });
}
