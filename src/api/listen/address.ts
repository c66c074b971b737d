/**
 * Where a service listens, as `-H` says it: `unix://PATH`, `fd://`, `tcp://HOST:PORT`, and behind a question mark what holds
 * for this one: `?readonly`, and for a socket of our own `group=NAME` and `mode=0660`.
 */

import { BrigError } from "../../base/errors.ts";

export type Address = Place & {
  readonly text: string;
  /** What it shows; everything can be done where nothing is said. */
  readonly shows?: Shown;
};

type Place =
  | {
      readonly kind: "unix";
      readonly path: string;
      readonly group?: string;
      readonly mode?: number;
    }
  | { readonly kind: "inherited" }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number };

/** What a socket that changes nothing tells: how containers are doing, or also what they write. */
export const shown = ["state", "logs"] as const;
export type Shown = (typeof shown)[number];

/** Throws for what nobody can listen on. */
export function parseAddress(text: string, group?: string): Address {
  const refuse = (reason: string) => new BrigError("invalid", `cannot listen on ${text}: ${reason}`);
  const [, scheme = "", place = "", options = ""] = /^([a-z]+):\/\/([^?]*)(?:\?(.*))?$/.exec(text) ?? [];
  const read = Object.hasOwn(places, scheme) ? places[scheme] : undefined;
  if (!read) throw refuse("write unix://PATH, fd:// or tcp://HOST:PORT");
  const said = new URLSearchParams(options);
  const known = ["readonly", ...(scheme === "unix" ? ["group", "mode"] : [])];
  const unknown = [...said.keys()].find((key) => !known.includes(key));
  if (unknown !== undefined) throw refuse(`${unknown} is none of ${known.join(", ")}`);
  const readonly = said.get("readonly");
  const shows = readonly === "" ? "state" : shown.find((word) => word === readonly);
  if (readonly !== null && !shows) throw refuse(`readonly shows ${shown.join(" or ")}, not ${readonly}`);
  return { text, ...read(place, said, group, refuse), ...(shows ? { shows } : {}) };
}

type Read = (
  place: string,
  options: URLSearchParams,
  group: string | undefined,
  refuse: (reason: string) => BrigError,
) => Place;

const places: Readonly<Record<string, Read>> = {
  unix(path, options, anyGroup, refuse) {
    if (!path.startsWith("/")) throw refuse("not an absolute path");
    const group = options.get("group") ?? anyGroup;
    const mode = options.get("mode");
    if (mode !== null && !/^0?[0-7]{3}$/.test(mode)) throw refuse(`${mode} is no mode of a socket`);
    return {
      kind: "unix",
      path,
      ...(group ? { group } : {}),
      ...(mode === null ? {} : { mode: Number.parseInt(mode, 8) }),
    };
  },
  fd(place, _options, _group, refuse) {
    if (place !== "") throw refuse("it takes all that were handed over");
    return { kind: "inherited" };
  },
  tcp(place, _options, _group, refuse) {
    const [, inBrackets, plain = "", port = "2376"] =
      /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]/]*))(?::(\d{1,5}))?$/.exec(place) ?? [];
    const host = inBrackets ?? plain;
    if (host === "") throw refuse("name an address, 0.0.0.0 for all");
    if (Number(port) > 0xffff) throw refuse(`${port} is no port`);
    return { kind: "tcp", host, port: Number(port) };
  },
};
