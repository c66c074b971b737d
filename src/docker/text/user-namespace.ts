/** Modes of user namespaces: host, private, container:NAME, and Podman's auto[:size=COUNT], which is private. */

import type { NamespaceMode } from "../../engine/container/spec.ts";

/** The empty text is the engine's default: undefined. */
export function parseUserMode(text: string): NamespaceMode | undefined {
  const [name, rest] = split(text);
  if (rootless.includes(name))
    throw new Error(
      `${name} is for containers of a user who is not root, whose own id it is about; use private`,
    );
  if (name === "container" && rest) return { kind: "container", container: rest };
  if (name === "auto") return { kind: "private", ...sizeOf(rest) };
  if (rest === undefined) {
    if (name === "") return undefined;
    if (name === "host" || name === "private") return { kind: name };
  }
  throw new Error("invalid USER mode");
}

/** Modes of Podman's. */
const rootless: readonly string[] = ["keep-id", "nomap"];

function split(text: string): readonly [name: string, rest: string | undefined] {
  const at = text.indexOf(":");
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function sizeOf(options: string | undefined): { readonly size?: number } {
  if (options === undefined) return {};
  const size = /^size=(\d{1,10})$/.exec(options)?.[1];
  if (size === undefined)
    throw new Error(`of auto only the size can be chosen (auto:size=COUNT), not ${options}`);
  if (Number(size) === 0) throw new Error("auto:size=0 leaves no id, not even for root");
  return { size: Number(size) };
}
