/** Documents that follow each other in one answer: events, progress, the end of a wait. */

import { BrigError } from "../../base/errors.ts";
import { parseJson } from "../../spec/schema/json.ts";

/** Characters of one message. */
const messageLimit = 4 * 1024 * 1024;

/** Each as soon as its line is complete; the last may lack its end. */
export async function* messages(pieces: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<unknown> {
  const decoder = new TextDecoder();
  let open = "";
  for await (const piece of pieces) {
    const lines = (open + decoder.decode(piece, { stream: true })).split("\n");
    open = lines.pop()!;
    if (open.length > messageLimit)
      throw new BrigError("unavailable", "the answer has a message that is too long");
    for (const line of lines) if (line.trim() !== "") yield read(line, name);
  }
  if (open.trim() !== "") yield read(open, name);
}

function read(line: string, name: string): unknown {
  return parseJson((value) => value, line, `the answer of ${name}`, messageLimit);
}

/** Those of work that goes on; rejects with the first that tells of a failure. */
export async function* progress(
  pieces: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<Readonly<Record<string, unknown>>> {
  for await (const message of messages(pieces, name)) {
    if (typeof message !== "object" || message === null) continue;
    const { error } = message as { readonly error?: unknown };
    if (typeof error === "string") throw new BrigError("invalid", error);
    yield message as Readonly<Record<string, unknown>>;
  }
}
