/**
 * An answer as fields that can be compared, one text each: the status, every header, how the body is framed, each field
 * of its JSON, each stream of its frames. Masked is what two engines cannot have in common.
 */

import { joined, readAll } from "../../../src/image/tar/fixture.ts";
import { masked as maskedText } from "../masks.ts";
import { framesIn, type RawAnswer } from "./wire.ts";

/** Where each keeps its things, and the addresses it gives out. */
const ownPlaces: readonly (readonly [RegExp, string])[] = [
  [/\/tmp\/brig-peers-\w+\/(?:brig|docker\/(?:data|run))\b/g, "HOME"],
  [/\b02:42(?::[0-9a-f]{2}){4}\b/g, "MAC"],
  [/\b192\.168\.\d+\.\d+\b/g, "ADDRESS"],
  [/\/proc\/\d+\//g, "/proc/PID/"],
];

function masked(text: string): string {
  const hidden = ownPlaces.reduce((text, [pattern, name]) => text.replace(pattern, name), text);
  return maskedText(hidden).replace(/ADDRESS\/\d+/g, "ADDRESS");
}

export type Seen = ReadonlyMap<string, string>;

/** Who answers, and when. */
const ownHeaders = new Set(["date", "server", "api-version", "content-length", "transfer-encoding"]);

export async function seenIn(answer: RawAnswer, kinds: boolean): Promise<Seen> {
  const { first, headers, framing, body, ended } = answer;
  const [protocol, status, ...reason] = first.split(" ");
  const type = headers.find(([name]) => name === "content-type")?.[1] ?? "";
  return new Map([
    ["status", `${protocol} ${status}`],
    // Go's own words for a status are those of every library; the one of a hijack is Docker's.
    ...(status === "101" ? ([["reason", reason.join(" ")]] as const) : []),
    ...headers
      .filter(([name]) => !ownHeaders.has(name))
      .map(([name, value]) => [`header ${name}`, headerText(name, value)] as const),
    // Go gives a short document a length, and a long one chunks.
    [
      "framing",
      type === "application/json" && !isStream(body) && framing !== "end of the connection"
        ? "whole"
        : framing,
    ],
    ["ended", String(ended)],
    ...(await bodyFields(type, answer, kinds)),
  ]);
}

/** Several messages. */
const isStream = (body: Buffer) => /\}\r?\n./s.test(body.toString("latin1"));

/** A stat of a file is JSON in base64. */
function headerText(name: string, value: string): string {
  if (name !== "x-docker-container-path-stat") return value;
  const stat = JSON.parse(Buffer.from(value, "base64").toString()) as Record<string, unknown>;
  return [...flattened(stat, "", false)].map(([field, text]) => `${field}=${text}`).join(" ");
}

async function bodyFields(
  type: string,
  { body, ended }: RawAnswer,
  kinds: boolean,
): Promise<readonly (readonly [string, string])[]> {
  if (body.length === 0) return [["body", "nothing"]];
  if (type.startsWith("application/x-tar") || body.subarray(257, 262).toString() === "ustar")
    return archiveFields(body);
  const frames = framesIn(body);
  if (frames)
    return [...Map.groupBy(frames, ({ stream }) => stream)].map(([stream, all]) => [
      `frames of ${stream}`,
      valueText(Buffer.concat(all.map(({ bytes }) => bytes)).toString(), ""),
    ]);
  const text = body.toString();
  const messages =
    type.startsWith("application/json") || text.startsWith("{") ? messagesIn(text, ended) : undefined;
  if (!messages) return [["body", `${JSON.stringify(masked(text))}`]];
  const [only] = messages;
  const ends = ["line ends", JSON.stringify(/[\r\n]*$/.exec(text)![0])] as const;
  if (messages.length === 1) return [ends, ...flattened(only, "body", kinds)];
  return [ends, ...messages.flatMap((message, i) => [...flattened(message, `message[${i}]`, kinds)])];
}

/** JSON texts, a line each, or one over several lines; of an answer that was left the last one may be half. */
function messagesIn(text: string, ended: boolean): readonly unknown[] | undefined {
  try {
    return [JSON.parse(text)];
  } catch {
    // Then it is several.
  }
  const lines = ended ? text : text.slice(0, text.lastIndexOf("\n"));
  try {
    return lines
      .split("\n")
      .filter((line) => line.trim() !== "")
      .map((line) => JSON.parse(line) as unknown);
  } catch {
    return undefined;
  }
}

async function archiveFields(body: Buffer): Promise<readonly (readonly [string, string])[]> {
  const bytes = await joined(
    (async function* () {
      yield body;
    })(),
  );
  const entries = await readAll(
    (async function* () {
      yield bytes;
    })(),
  );
  return entries.map(({ header }) => [
    `file ${masked(header.path)}`,
    `${header.kind} ${header.mode.toString(8)} ${header.uid}:${header.gid} ${header.size} ${header.linkPath}`,
  ]);
}

/** Of each field: its value, or what kind of a value it has. */
function* flattened(value: unknown, at: string, kinds: boolean): Generator<readonly [string, string]> {
  const key = at.slice(at.lastIndexOf(".") + 1);
  if (Array.isArray(value)) {
    if (value.length === 0) yield [at, "[]"];
    // Of many alike one tells the kinds; how many there are is each engine's own.
    for (const [i, entry] of (kinds ? value.slice(0, 1) : inOrder(value)).entries())
      yield* flattened(entry, `${at}[${kinds ? "" : i}]`, kinds);
  } else if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value);
    if (entries.length === 0) yield [at, "{}"];
    for (const [name, entry] of entries) yield* flattened(entry, `${at}.${masked(name)}`, kinds);
  } else yield [at, kinds ? kindOf(value) : valueText(value, key)];
}

/** Lists that are sets have an order of their own in each engine. */
function inOrder(list: readonly unknown[]): readonly unknown[] {
  const keyOf = (entry: unknown) => {
    const { Destination, Path, Name } = (entry ?? {}) as Readonly<Record<string, unknown>>;
    return masked(String(Destination ?? Path ?? Name ?? ""));
  };
  return list.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : keyOf(a) > keyOf(b) ? 1 : 0));
}

/** Numbers that are no two engines' the same. */
const ownNumbers =
  /^(?:Pid|IPPrefixLen|time|timeNano|mtime|Created|Size|VirtualSize|SharedSize|SizeRw|SizeRootFs|size|LayersSize)$/;

function valueText(value: unknown, key: string): string {
  if (typeof value === "number" && ownNumbers.test(key)) return numberKind(value);
  return typeof value === "string" ? stringText(value) : JSON.stringify(value);
}

function numberKind(value: number): string {
  return value === 0 ? "0" : value < 0 ? "a number below 0" : "a number";
}

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

function stringText(value: string): string {
  if (value.startsWith("0001-01-01T00:00:00")) return `never: ${value}`;
  const zone = instant.exec(value)?.[1];
  return zone === undefined ? JSON.stringify(masked(value)) : `a time, ${zone === "Z" ? "UTC" : "local"}`;
}

function kindOf(value: unknown): string {
  if (typeof value === "number") return "a number";
  if (typeof value === "string")
    return value === "" ? '""' : instant.test(value) ? stringText(value) : "a string";
  return value === null ? "null" : `a ${typeof value}`;
}
