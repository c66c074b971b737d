/**
 * What a route answers, by status, as documents and tests know it. From 400 on a text is enough: an error has Docker's
 * shape, `{"message":…}`, on every route.
 */

import { text } from "../spec/schema/scalars.ts";
import { object, type Schema } from "../spec/schema/schema.ts";
import { multiplexedStream, rawStream } from "./multiplex.ts";

export type Answers = Readonly<Record<number, string | Content>>;

export interface Content {
  readonly what: string;
  /** Media types; the client cannot choose. */
  readonly types: readonly string[];
  /** What is in it, and in each document where there are several in a row. */
  readonly schema?: Schema<unknown>;
}

export const document = (what: string, schema?: Schema<unknown>): Content => ({
  what,
  types: ["application/json"],
  ...(schema ? { schema } : {}),
});
export const archive = (what: string): Content => ({ what, types: ["application/x-tar"] });
export const stream = (what: string): Content => ({ what, types: ["application/octet-stream"] });
export const plain = (what: string): Content => ({ what, types: ["text/plain; charset=utf-8"] });
export const output = (what: string): Content => ({ what, types: [rawStream, multiplexedStream] });

/** The connection is a stream of bytes from then on, by either answer. */
export const conversation = {
  101: output("The connection is a stream of bytes from here on"),
  200: output("The same, for a client that did not ask for another protocol"),
} as const;

export const failure = object({ message: text });

/** By what is not there. */
export const noContainer = { 404: "There is no such container" } as const;
export const noImage = { 404: "There is no such image" } as const;
