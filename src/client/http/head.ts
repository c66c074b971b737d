/** The lines before a body (RFC 9112, sections 3 to 6): written for a request, read of an answer. */

import { BrigError } from "../../base/errors.ts";
import type { ByteSource } from "./source.ts";

export type Headers = Readonly<Record<string, string>>;

/** Bytes of one line, and lines: more than any engine sends. */
const lineLimit = 64 * 1024;
const headersLimit = 256;

export interface AnswerHead {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Headers;
}

export function requestHead(method: string, target: string, headers: Headers): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const head = [`${method} ${target} HTTP/1.1`, ...lines];
  // What a name or a path smuggles in here would be a request of its own.
  if (head.some((line) => /[\r\n\0]/.test(line)))
    throw new BrigError("invalid", "cannot ask for a path with a line end in it");
  return `${head.join("\r\n")}\r\n\r\n`;
}

/** The head of the final answer: those that only say that work goes on are passed over. */
export async function readHead(source: ByteSource): Promise<AnswerHead> {
  for (;;) {
    const first = await source.line(lineLimit);
    const status = Number(/^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(first)?.[1]);
    if (!status) throw new BrigError("unavailable", "what answers does not speak HTTP");
    const headers = await readHeaders(source);
    if (status >= 200 || status === 101) return { status, headers };
  }
}

async function readHeaders(source: ByteSource): Promise<Headers> {
  const headers: Record<string, string> = Object.create(null);
  for (let count = 0; ; count++) {
    const line = await source.line(lineLimit);
    if (line === "") return headers;
    if (count === headersLimit) throw new BrigError("unavailable", "the answer has too many headers");
    const colon = line.indexOf(":");
    if (colon > 0) headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
}
