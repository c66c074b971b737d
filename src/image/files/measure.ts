/**
 * How much the files in a folder of ours hold, whoever has shaped it: an executor adds up, from fd to fd. A file with
 * several names counts once, a directory nothing, as Docker counts.
 */

import type { HostPath } from "../../base/ids.ts";
import * as F from "../../kernel/abi/files.ts";
import { Executor } from "../../kernel/executor/executor.ts";
import { endExecutor } from "../../kernel/executor/pipeline.ts";
import { ProgramBuilder } from "../../kernel/program/builder.ts";
import { dropPrivileges } from "../layers/session-enter.ts";
import { below } from "./path.ts";
import { type FolderPath, TreeReader } from "./reader.ts";
import { FileSession } from "./side.ts";

/** Folders that are looked at together. */
const foldersAtOnce = 8;

/** Bytes. The folder must be there. */
export async function treeSize(shim: HostPath, directory: HostPath): Promise<number> {
  const executor = Executor.start({ shim });
  try {
    const { slots } = executor;
    const lowest = [slots.slot("file").fd, slots.slot("copy").fd] as const;
    const top = slots.slot("folder");
    const p = new ProgramBuilder();
    const flags = F.O_RDONLY | F.O_DIRECTORY | F.O_NOFOLLOW | F.O_CLOEXEC;
    p.call(`open ${directory}`, "openat", [F.AT_FDCWD, directory, flags, 0], { slot: top });
    dropPrivileges(p, ["CAP_DAC_READ_SEARCH"]);
    await executor.run(p.instructions);
    const session = new FileSession(executor, lowest);
    return await sum(new TreeReader(session.pipeline, session.side(top.fd)));
  } finally {
    await endExecutor(executor);
  }
}

async function sum(reader: TreeReader): Promise<number> {
  const counted = new Set<string>();
  const waiting: FolderPath[] = [{ path: ".", mountRoot: false }];
  let bytes = 0;
  while (waiting.length > 0) {
    // The deepest first, so that few wait.
    const folders = waiting.splice(-foldersAtOnce);
    for (const [at, files] of (await reader.list(folders)).entries())
      for (const { name, stat, link } of files) {
        if (stat.kind === "directory")
          waiting.push({ path: below(folders[at]!.path, name), mountRoot: stat.mountRoot });
        if (stat.links > 1 && counted.has(stat.identity)) continue;
        if (stat.links > 1) counted.add(stat.identity);
        bytes += stat.kind === "symbolic-link" ? link.length : stat.size;
      }
  }
  return bytes;
}
