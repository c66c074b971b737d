/** An archive of one tree, under another name: what is at its top is called as the copy is to be. */

import { BrigError } from "../base/errors.ts";
import type { ByteString } from "../image/tar/byte-string.ts";
import { encodeText } from "../image/tar/byte-string.ts";
import { readTar } from "../image/tar/read.ts";
import { type NewEntry, writeTar } from "../image/tar/write.ts";

/** `name` is the new one of the first entry; all others must be below that. */
export function renamed(archive: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  return writeTar(entries(archive, encodeText(name)));
}

async function* entries(archive: AsyncIterable<Uint8Array>, name: ByteString): AsyncGenerator<NewEntry> {
  let top: string | undefined;
  const moved = (path: string): ByteString => {
    const clean = cleaned(path);
    top ??= clean;
    if (clean === top || top === ".") return joined(name, clean === top ? "" : clean);
    if (clean.startsWith(`${top}/`)) return joined(name, clean.slice(top.length + 1));
    throw new BrigError("invalid", "cannot copy: the archive holds more than was asked for");
  };
  for await (const { header, body } of readTar(archive)) {
    const path = moved(header.path);
    const linkPath = header.kind === "hard-link" ? moved(header.linkPath) : header.linkPath;
    yield { header: { ...header, path, linkPath }, body };
  }
}

/** Without `./` before it and slashes behind it. */
function cleaned(path: string): string {
  return path.replace(/^(?:\.\/)+/, "").replace(/\/+$/, "") || ".";
}

function joined(name: string, rest: string): ByteString {
  if (rest === "") return name as ByteString;
  return (name === "." ? rest : `${name}/${rest}`) as ByteString;
}
