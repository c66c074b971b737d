/**
 * Removes a folder of ours with everything in it, which a container may have shaped: an executor does it, from fd to
 * fd (`session-remove.ts`), and keeps no privilege but those that removing takes.
 */

import { dirname } from "node:path";
import { BrigError } from "../../base/errors.ts";
import type { HostPath } from "../../base/ids.ts";
import * as F from "../../kernel/abi/files.ts";
import { errnoText } from "../../kernel/errno.ts";
import { Executor } from "../../kernel/executor/executor.ts";
import { KernelFailure } from "../../kernel/executor/failure.ts";
import { endExecutor, Pipeline } from "../../kernel/executor/pipeline.ts";
import { ProgramBuilder } from "../../kernel/program/builder.ts";
import { quote } from "../../spec/schema/schema.ts";
import { type ByteString, displayText, encodeText } from "../tar/byte-string.ts";
import { dropPrivileges } from "./session-enter.ts";
import { removeBeneath } from "./session-remove.ts";

/** How many directories may be open; slots end below 256. */
const openDirectories = 200;

/** It is no error when the folder is not there. Mounts are not crossed: one in the tree makes it fail, half done. */
export async function removeTree(shim: HostPath, directory: HostPath): Promise<void> {
  const executor = Executor.start({ shim });
  try {
    const parent = executor.slots.slot("parent");
    const p = new ProgramBuilder();
    p.call(
      `open ${dirname(directory)}`,
      "openat",
      [F.AT_FDCWD, dirname(directory), F.O_PATH | F.O_DIRECTORY, 0],
      {
        slot: parent,
      },
    );
    dropPrivileges(p, ["CAP_DAC_OVERRIDE", "CAP_FOWNER"]);
    await executor.run(p.instructions);
    const slots = Array.from({ length: openDirectories }, (_, i) => executor.slots.slot(`directory ${i}`).fd);
    const name = encodeText(directory.slice(directory.lastIndexOf("/") + 1));
    await removeBeneath(new Pipeline(executor), { at: parent.fd, name, slots }, (path, { kind, errno }) => {
      const beneath = displayText(path.slice(name.length + 1) as ByteString);
      const where = beneath === "" ? "" : `: ${quote(beneath)}`;
      return new BrigError(kind, `cannot remove ${directory}${where}: ${errnoText(errno)}`);
    });
  } catch (error) {
    if (!(error instanceof KernelFailure && error.errno === "ENOENT")) throw error;
  } finally {
    await endExecutor(executor);
  }
}
