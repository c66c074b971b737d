/** The end of a container, waited for (Engine API, ContainerWait). */

import { BrigError } from "../base/errors.ts";
import type { Ended } from "../engine/session.ts";
import { int64, text } from "../spec/schema/scalars.ts";
import { looseObject, omitEmpty, optional } from "../spec/schema/schema.ts";
import { type Api, part } from "./api.ts";
import { messages } from "./stream/messages.ts";

export interface Waiting {
  readonly ended: Promise<Ended>;
  /** Nobody waits any more: `ended` rejects. */
  readonly leave: () => void;
}

const answer = looseObject({
  StatusCode: optional(int64),
  Error: optional(looseObject({ Message: omitEmpty(text) })),
});

/** Resolves when the other side waits: what happens from then on is not missed. */
export async function awaitEnd(
  api: Api,
  reference: string,
  condition: "not-running" | "next-exit" | "removed",
  signal?: AbortSignal,
): Promise<Waiting> {
  const left = new AbortController();
  const { pieces } = await api.ask({
    method: "POST",
    path: `/containers/${part(reference)}/wait`,
    query: { condition },
    signal: signal ? AbortSignal.any([signal, left.signal]) : left.signal,
  });
  const ended = endIn(pieces, api.name);
  // Whoever does not ask how it ended need not be told that it was lost.
  ended.catch(() => {});
  return {
    ended,
    leave: () => left.abort(new BrigError("aborted", "nobody waits for the container any more")),
  };
}

async function endIn(pieces: AsyncIterable<Uint8Array>, name: string): Promise<Ended> {
  for await (const message of messages(pieces, name)) {
    const { StatusCode = 0, Error: failure } = answer(message, `the answer of ${name}:`);
    if (failure?.Message !== undefined) throw new BrigError("internal", failure.Message);
    return { code: Number(StatusCode), oom: false };
  }
  throw new BrigError("unavailable", `${name} has ended before the container has`);
}
