/** Names of archives as paths beneath the root of a layer. */

import { BrigError } from "../../base/errors.ts";
import { quote } from "../../spec/schema/schema.ts";
import { type ByteString, displayText } from "../tar/byte-string.ts";

/** Components of a clean path; none is the root. */
export type Components = readonly string[];

/** Attack: a path of a hundred thousand components makes every walk along it, and the kernel's, a long one. */
const componentsLimit = 1024;

/**
 * The components of a name. An absolute one is relative to the root; `..` goes up by the text alone, as in Docker.
 * Attack: `../../etc/passwd` — a name that leaves the root is refused, not bent.
 */
export function cleanPath(name: ByteString): Components {
  const components: string[] = [];
  for (const part of name.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") components.push(part);
    else if (components.pop() === undefined) throw unusable(name, "it leads out of the archive");
  }
  if (components.length > componentsLimit) throw unusable(name, "it is too deep");
  return components;
}

export function join(directory: ByteString, name: string): ByteString {
  return (directory === "." ? name : `${directory}/${name}`) as ByteString;
}

/** "cannot unpack NAME: REASON". */
export function unusable(name: ByteString, reason: string): BrigError {
  return new BrigError("invalid", `cannot unpack ${quote(displayText(name))}: ${reason}`, {
    code: "malformed-layer",
  });
}
