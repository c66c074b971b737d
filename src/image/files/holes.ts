/** Where a file has data and where holes: lseek(2) with SEEK_DATA and SEEK_HOLE, in a dialogue. */

import * as F from "../../kernel/abi/files.ts";
import { errnoNumber } from "../../kernel/errno.ts";
import { CallList, callNumbers, pointer1 } from "../../kernel/program/call-list.ts";
import { parentOf } from "../layers/session-folders.ts";
import type { Extent } from "./content.ts";
import { baseOf } from "./path.ts";
import type { FileSession, Side } from "./side.ts";

const numbers = callNumbers("close", "lseek", "openat");
const [ENXIO, EINVAL] = [errnoNumber("ENXIO"), errnoNumber("EINVAL")];
const reading = F.O_RDONLY | F.O_NOFOLLOW | F.O_NONBLOCK | F.O_NOCTTY | F.O_CLOEXEC;
const SEEK_DATA = 3;
const SEEK_HOLE = 4;

/** Attack: a file of a million holes takes two round trips for each. What comes after these is copied as it is. */
const extentsLimit = 1000;

/** In ascending order, within the first `size` bytes. */
export async function extentsOf(
  session: FileSession,
  side: Side,
  path: string,
  size: number,
): Promise<readonly Extent[]> {
  const { pipeline, file } = session;
  const list = new CallList();
  pipeline.begin(list);
  const folder = side.folders.slot(list, parentOf(path));
  list.call(numbers.openat, pointer1, folder, list.text(baseOf(path)), reading);
  list.into(file);
  await pipeline.send(list);

  const extents: Extent[] = [];
  for (let at = 0; at < size; ) {
    const offset = extents.length < extentsLimit ? await seek(session, at, SEEK_DATA) : at;
    if (offset === undefined || offset >= size) break;
    const end = extents.length < extentsLimit ? ((await seek(session, offset, SEEK_HOLE)) ?? size) : size;
    at = Math.min(end, size);
    extents.push({ offset, size: at - offset });
  }

  pipeline.begin(list);
  list.call(numbers.close, 0, file);
  await pipeline.send(list);
  return extents;
}

/** Undefined where there is nothing of it any more. */
async function seek(
  { pipeline, file }: FileSession,
  from: number,
  whence: number,
): Promise<number | undefined> {
  const list = new CallList();
  pipeline.begin(list);
  const index = list.call(numbers.lseek, 0, file, from, whence);
  list.answer();
  for (const errno of [ENXIO, EINVAL]) list.forgive(errno);
  const found = (await pipeline.send(list)).find((answer) => answer.index === index)!.result;
  return found < 0 ? undefined : found;
}
