/** An image's account files without running anything: the uppermost layer that has one is read, below its own root. */

import type { HostPath } from "../../base/ids.ts";
import * as F from "../../kernel/abi/files.ts";
import type { Answer } from "../../kernel/executor/executor.ts";
import { ProgramBuilder } from "../../kernel/program/builder.ts";
import { readAccounts } from "../../runtime/launch/accounts.ts";
import { type EngineHost, hostSession } from "../host.ts";

/** `folders` are those of the image, the uppermost first. */
export async function imageAccounts(
  host: EngineHost,
  folders: readonly HostPath[],
): Promise<readonly Answer[]> {
  const executor = hostSession(host);
  const [root, file] = [executor.slots.slot("layer"), executor.slots.slot("file")];
  const found = new Map<string, Answer>();
  try {
    for (const folder of folders) {
      const p = new ProgramBuilder();
      p.call("open the layer", "openat", [F.AT_FDCWD, folder, F.O_PATH | F.O_DIRECTORY | F.O_CLOEXEC, 0], {
        slot: root,
      });
      readAccounts(p, root, file);
      for (const answer of (await executor.run(p.instructions)).answers)
        if (!found.has(answer.instruction.why)) found.set(answer.instruction.why, answer);
    }
  } finally {
    executor.close();
  }
  return [...found.values()];
}
