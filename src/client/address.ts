/** Where an engine is reached: the URLs of `--host`, BRIG_HOST and contexts. */

import { BrigError } from "../base/errors.ts";

export type Address =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number; readonly base: string }
  | {
      readonly kind: "ssh";
      readonly host: string;
      readonly user: string | undefined;
      readonly port: number | undefined;
      /** A socket there; undefined for what its `dial-stdio` speaks to. */
      readonly path: string | undefined;
    };

/** IANA's for Docker's API with TLS, and without. */
const tlsPort = 2376;
const plainPort = 2375;

/** Throws for what is no such URL. `secure`: TLS is spoken, which has another usual port. */
export function parseAddress(url: string, secure = false): Address {
  const invalid = (reason: string) =>
    new BrigError(
      "invalid",
      `cannot connect to ${JSON.stringify(url)}: ${reason}; write unix://PATH, tcp://HOST:PORT or ssh://[USER@]HOST`,
    );
  const [, scheme, rest = ""] = /^([a-z]+):\/\/(.*)$/s.exec(url) ?? [];
  switch (scheme) {
    case "unix":
      if (!rest.startsWith("/")) throw invalid("the path of the socket is not absolute");
      return { kind: "unix", path: rest };
    case "tcp":
    case "http":
    case "https": {
      const { hostname, port, pathname } = parsedUrl(`http://${rest}`, invalid);
      const usual = secure || scheme === "https" ? tlsPort : plainPort;
      const base = pathname.replace(/\/+$/, "");
      return { kind: "tcp", host: plainHost(hostname), port: Number(port) || usual, base };
    }
    case "ssh": {
      const { hostname, port, username, password, pathname, search, hash } = parsedUrl(
        `http://${rest}`,
        invalid,
      );
      if (password !== "") throw invalid("a password does not belong into a URL");
      if (search !== "" || hash !== "") throw invalid("there is more behind the path");
      // Both become arguments of ssh(1), where a word that begins with a dash is an option.
      if (hostname.startsWith("-") || username.startsWith("-")) throw invalid("a name begins with a dash");
      return {
        kind: "ssh",
        host: plainHost(hostname),
        user: username === "" ? undefined : decodeURIComponent(username),
        port: port === "" ? undefined : Number(port),
        path: pathname === "/" || pathname === "" ? undefined : decodeURIComponent(pathname),
      };
    }
    case undefined:
      throw invalid("it is no URL");
    default:
      throw invalid(`${scheme}:// is not spoken`);
  }
}

function parsedUrl(url: string, invalid: (reason: string) => BrigError): URL {
  try {
    const parsed = new URL(url);
    if (parsed.hostname !== "") return parsed;
  } catch {
    // Told below.
  }
  throw invalid("it names no host");
}

/** An IPv6 address without its brackets. */
const plainHost = (name: string): string => name.replace(/^\[|\]$/g, "");

/** As messages show it. */
export function formatAddress(address: Address): string {
  switch (address.kind) {
    case "unix":
      return `unix://${address.path}`;
    case "tcp":
      return `tcp://${address.host.includes(":") ? `[${address.host}]` : address.host}:${address.port}`;
    case "ssh":
      return `ssh://${address.user === undefined ? "" : `${address.user}@`}${address.host}`;
  }
}
