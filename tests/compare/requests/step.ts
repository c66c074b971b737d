/**
 * A request that is put to both services, as data. In texts `{name}` is what an earlier step has kept, and `{port}` a
 * port that belongs to the side alone.
 */

export interface Step {
  /** `POST /containers/create?name=one`: method and path, without a version. */
  readonly ask: string;
  /** `1.41` unless said otherwise; the empty text for a path without one. */
  readonly version?: string;
  readonly json?: unknown;
  /** A body as it is; as JSON unless the headers say otherwise. */
  readonly body?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  /** In chunks of so many bytes, without a length. */
  readonly chunked?: number;
  /** Asks for another protocol, as Docker's clients do before they attach. */
  readonly upgrade?: boolean;
  /** What is said on the connection after the head of the answer; then the client's half is closed, unless it stays. */
  readonly says?: string;
  readonly stays?: boolean;
  /** The connection is left after so many messages (of JSON), frames, or pieces of a raw stream. */
  readonly take?: number;
  /** The answer is awaited only when so many of the next steps have been answered. */
  readonly open?: number;
  /** Strings of the answer's JSON for later steps: the name for them → the field. */
  readonly keep?: Readonly<Record<string, string>>;
  /** Values are each engine's own: only fields and their types are compared. */
  readonly kinds?: boolean;
  /** Milliseconds before it is asked. */
  readonly after?: number;
}

/** A line alone is a request without a body. */
export type Line = string | Step;

/** Begins with nothing but the image busybox, and ends so. */
export interface Chapter {
  readonly title: string;
  readonly lines: readonly Line[];
}

export const stepOf = (line: Line): Step => (typeof line === "string" ? { ask: line } : line);

/** What a step is called in tests, and in the list of differences. */
export function nameOf({ ask, version, json, body }: Step): string {
  const query = ask.indexOf("?");
  const plain = query < 0 ? ask : ask.slice(0, query) + decodeURIComponent(ask.slice(query));
  const carried =
    json !== undefined ? JSON.stringify(json) : typeof body === "string" ? JSON.stringify(body) : "";
  const shown = carried.length > 100 ? `${carried.slice(0, 100)}…` : carried;
  return [plain, shown, version === undefined ? "" : version === "" ? "without a version" : `v${version}`]
    .filter(Boolean)
    .join(" ");
}

/** Puts what was kept into a text. */
export function filled(text: string, kept: ReadonlyMap<string, string>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => kept.get(name) ?? whole);
}

/** Method and path, the version in it, for the wire. */
export function targetOf({ ask, version = "1.41" }: Step): { readonly method: string; readonly url: string } {
  const space = ask.indexOf(" ");
  const path = ask.slice(space + 1);
  return { method: ask.slice(0, space), url: version === "" ? path : `/v${version}${path}` };
}

/** `filters=…` of a query. */
export function filters(
  of: Readonly<Record<string, readonly string[] | Readonly<Record<string, boolean>>>>,
): string {
  return `filters=${encodeURIComponent(JSON.stringify(of))}`;
}

/** A container of busybox. */
export function made(name: string, more: object = {}): Step {
  return {
    ask: `POST /containers/create${name === "" ? "" : `?name=${name}`}`,
    json: { Image: "busybox", ...more },
  };
}

/** One that goes on until it is stopped, and is stopped at once. */
export const forever = ["sh", "-c", "trap exit TERM; sleep 1000 & wait"];
