/** Logs that end in the middle of a line: what is written next would be glued to it. */

import { join } from "node:path";
import { filesLock } from "../container/files/lock.ts";
import { cutTorn, tornBytes } from "../container/log-file.ts";
import { type ContainerRecord, isLive, listContainers, readContainer } from "../container/records.ts";
import { logName, paths } from "../roots.ts";
import { lock } from "../store/lock.ts";
import { check, repair } from "./finding.ts";

/** By the container. */
export const logs = check<ContainerRecord["id"]>({
  find: ({ database, roots }) =>
    // The shim of one that is live writes, and leaves no line torn itself (log.c).
    listContainers(database, ["created", "exited"]).flatMap(({ id, name }) => {
      const torn = tornBytes(paths.log(roots, id));
      if (torn === 0) return [];
      const where = join(paths.container(roots, id), logName);
      const why = `the log of container ${name} ends in the middle of a line, after ${torn} bytes of it`;
      return [{ what: "log", where, why, remedy: repair("cuts it at the last whole line"), data: id }];
    }),
  mend: async (host, id) => {
    // Nobody starts the container while this is held.
    using _ = await lock(host, filesLock(id));
    const record = readContainer(host.database, id);
    if (record && !isLive(record)) cutTorn(paths.log(host.roots, id));
  },
});
