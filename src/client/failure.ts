/** An answer that is an error, as an error of ours: Docker's message, and the kind that its status stands for. */

import { BrigError, type ErrorKind } from "../base/errors.ts";
import type { Answer, Ask } from "./api.ts";

/** Of a message: no engine says more. */
const messageLimit = 64 * 1024;

const kinds: Readonly<Record<number, ErrorKind>> = {
  400: "invalid",
  401: "denied",
  403: "denied",
  404: "not-found",
  405: "unsupported",
  409: "conflict",
  413: "invalid",
  499: "aborted",
  501: "unsupported",
  503: "unavailable",
};

/** Names of failures that callers tell apart. */
const codes: readonly (readonly [pattern: RegExp, code: string])[] = [
  [/^No such image/i, "no-such-image"],
  [/^No such container:path|could not find the file/i, "no-such-path"],
  [/^No such container/i, "no-such-container"],
  [/^No such network|^network .* not found/i, "no-such-network"],
  [/^No such volume|: no such volume/i, "no-such-volume"],
  [/^invalid reference format/i, "invalid-reference"],
  [/is already in use by container/i, "name-in-use"],
];

export async function failureOf({ path }: Ask, { status, pieces }: Answer, name: string): Promise<BrigError> {
  const message = await messageOfAnswer(pieces);
  const kind = kinds[status] ?? "internal";
  const text = message === "" ? `${name} has answered ${path} with status ${status}` : message;
  const code = codes.find(([pattern]) => pattern.test(text))?.[1];
  return new BrigError(kind, text, code === undefined ? {} : { code });
}

/** `{"message":"…"}`, or as a proxy in between says it. */
async function messageOfAnswer(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of pieces) {
    if ((size += chunk.length) <= messageLimit) chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString("utf8").trim();
  try {
    const { message } = JSON.parse(text) as { readonly message?: unknown };
    if (typeof message === "string") return message;
  } catch {
    // It is no document.
  }
  return plain(text);
}

/** What a terminal would take for more than text. */
const plain = (text: string): string => text.replace(/[\x00-\x08\x0b-\x1f\x7f]+/g, " ");
