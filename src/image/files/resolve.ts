/**
 * A path of a container's, resolved inside its root by openat2(2): absolute links, `..` and links that change while it
 * is walked stay inside (CVE-2018-15664), and those of /proc lead nowhere.
 *
 * The last component is not followed, unless the path ends in a slash or in `/.`, as `docker cp` has it.
 */

import { BrigError } from "../../base/errors.ts";
import * as F from "../../kernel/abi/files.ts";
import { errnoNumber } from "../../kernel/errno.ts";
import type { Pipeline } from "../../kernel/executor/pipeline.ts";
import { CallList, callNumbers, pointer1, pointer2 } from "../../kernel/program/call-list.ts";
import { type ByteString, byteString, displayText } from "../tar/byte-string.ts";
import { readLink } from "./reader.ts";
import { type FileStat, statAt, statInto, statSize } from "./stat.ts";

export interface Resolved {
  /** Of the last component beneath the folder that was opened; `.` is that folder. */
  readonly name: string;
  /** Undefined where nothing is there. */
  readonly stat: FileStat | undefined;
  readonly link: ByteString;
}

export interface ResolveRequest {
  /** The slot of the root. */
  readonly root: number;
  /** Takes the folder that the last component is in. */
  readonly into: number;
  readonly path: ByteString;
  /** A link at the end is followed too. */
  readonly follow?: boolean;
}

const numbers = callNumbers("getpid", "openat2");
const flags = F.O_RDONLY | F.O_DIRECTORY | F.O_CLOEXEC;
const how = F.RESOLVE_IN_ROOT | F.RESOLVE_NO_MAGICLINKS;
/** The folder that it would be in is not there, or is none. */
const missing = (["ENOENT", "ENOTDIR", "ELOOP", "EACCES", "ENAMETOOLONG"] as const).map(errnoNumber);
const ENOENT = errnoNumber("ENOENT");
/** As in the kernel (MAXSYMLINKS). */
const linksLimit = 40;

/** Undefined where the folder of the last component is not there; rejects where a path cannot be one. */
export async function resolveInRoot(
  pipeline: Pipeline,
  { root, into, path, follow = false }: ResolveRequest,
): Promise<Resolved | undefined> {
  let at = path;
  for (let links = 0; links <= linksLimit; links++) {
    const { folder, name } = split(at);
    const found = await look(pipeline, { root, into, folder, name });
    if (found?.stat?.kind !== "symbolic-link" || !follow) return found;
    at = (found.link.startsWith("/") ? found.link : `${folder}/${found.link}`) as ByteString;
  }
  throw new BrigError("invalid", `cannot follow ${displayText(path)}: too many levels of symbolic links`);
}

/** `..` at the end, too, is a folder to be walked to. */
function split(path: string): { readonly folder: string; readonly name: string } {
  const slash = path.lastIndexOf("/");
  const [folder, name] = [path.slice(0, slash + 1), path.slice(slash + 1)];
  if (name === "" || name === "." || name === "..") return { folder: path === "" ? "/" : path, name: "." };
  return { folder: folder === "" ? "/" : folder, name };
}

async function look(
  pipeline: Pipeline,
  {
    root,
    into,
    folder,
    name,
  }: {
    readonly root: number;
    readonly into: number;
    readonly folder: string;
    readonly name: string;
  },
): Promise<Resolved | undefined> {
  const list = new CallList();
  pipeline.begin(list);
  const open = list.words(flags, 0, how);
  list.call(numbers.openat2, pointer1 | pointer2, root, list.text(folder), open, 24);
  list.into(into);
  const rules = missing.map((errno) => list.branch(errno));
  const place = list.room(statSize);
  statInto(list, into, name === "." ? "" : name, place);
  list.forgive(ENOENT);
  const link = name === "." ? -1 : readLink(list, into, name);
  const last = list.call(numbers.getpid, 0);
  list.answerRoom(place, statSize);
  for (const rule of rules) list.landRule(rule);
  const answers = new Map((await pipeline.send(list)).map((answer) => [answer.index, answer.bytes]));
  const bytes = answers.get(last);
  if (bytes === undefined) return undefined;
  return { name, stat: statAt(bytes, 0), link: byteString(answers.get(link) ?? Buffer.alloc(0)) };
}
