/** The operands of `cp`: which of the two is in a container, and the other one as an absolute path. */

import { join, resolve } from "node:path";
import { BrigError } from "../../base/errors.ts";

export type CopyOrder =
  | { readonly kind: "out"; readonly container: string; readonly path: string; readonly local: string }
  | { readonly kind: "in"; readonly container: string; readonly path: string; readonly local: string };

export function copyOrder(source: string, target: string): CopyOrder {
  if (source === "" || target === "") {
    const which = source === "" ? "source" : "destination";
    throw new BrigError("invalid", `${which} can not be empty`);
  }
  const [from, to] = [inContainer(source), inContainer(target)];
  if (from && to) throw new BrigError("invalid", "copying between containers is not supported");
  if (from) return { kind: "out", ...from, local: target };
  if (to) return { kind: "in", ...to, local: source };
  throw new BrigError("invalid", "must specify at least one container source");
}

/** An absolute path, and one that begins with a dot, is never in a container: `./a:b`. */
function inContainer(word: string): { readonly container: string; readonly path: string } | undefined {
  const colon = word.indexOf(":");
  if (word.startsWith("/") || word.startsWith(".") || colon <= 0) return undefined;
  const path = word.slice(colon + 1);
  if (path === "") throw new BrigError("invalid", "bad parameter: path cannot be empty");
  return { container: word.slice(0, colon), path };
}

/** Absolute; the slash or `/.` in the end means something, and stays. */
export function localPath(directory: string, path: string): string {
  const whole = resolve(directory, path);
  if (/(?:^|\/)\.$/.test(path)) return `${join(whole, "/")}.`;
  return path.endsWith("/") ? join(whole, "/") : whole;
}
