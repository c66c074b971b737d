/**
 * Rows of containers against what is: those that a killed brig or shim has left half done, which every other command
 * puts right by the way (reconcile.ts), and those whose processes or files somebody else has touched.
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { isFrozen } from "../../kernel/cgroup/live/freeze.ts";
import { socketName } from "../../kernel/shim/wire.ts";
import { isAlive } from "../container/alive.ts";
import { giveUpRestart, putRight } from "../container/put-right.ts";
import { isStale } from "../container/reconcile.ts";
import {
  type ContainerRecord,
  isLive,
  listContainers,
  readContainer,
  updateContainer,
} from "../container/records.ts";
import { goOn } from "../container/thaw.ts";
import type { EngineHost } from "../host.ts";
import { paths } from "../roots.ts";
import { makeContainer } from "../snapshot/overlay2/container.ts";
import { advice, check, type Finding, type Remedy, repair } from "./finding.ts";

type Kind = (typeof kinds)[number];
interface Data {
  readonly kind: Kind["name"];
  readonly record: ContainerRecord;
}

/** The first that holds is what is told of a container. */
const kinds = [
  {
    name: "stale",
    holds: (host, record) => isStale(host, record) && (isLive(record) || record.state === "removing"),
    why: (host, record) =>
      record.state === "removing"
        ? "whoever removes it was killed"
        : isAlive(host, record)
          ? "whoever was at work on it was killed"
          : `its row says that it is ${record.state}, and its shim is gone`,
    remedy: repair("finishes what was begun, or records its end, and cleans up after it"),
    mend: putRight,
  },
  {
    name: "restarting",
    holds: ({ owner }, { restarter }) => restarter !== undefined && !owner.isAlive(restarter),
    why: () => "whoever restarts it was killed",
    remedy: repair("gives the restart up"),
    mend: giveUpRestart,
  },
  {
    name: "owned",
    holds: ({ owner }, record) =>
      isIdle(record) && record.owner !== undefined && !owner.isAlive(record.owner),
    why: () => "its row names a process that is at work on it and is gone",
    remedy: repair("forgets the process"),
    mend: ({ database }, { id }) =>
      void updateContainer(database, id, { owner: null }, ["created", "exited"]),
  },
  {
    name: "frozen",
    holds: (_, record) => isAtRest(record) && record.state === "running" && isFrozen(record.cgroup!),
    why: () => "its row says that it runs, and its cgroup is frozen",
    remedy: repair("lets it run"),
    mend: (host, record) => {
      if (readContainer(host.database, record.id)?.state === "running") goOn(record);
    },
  },
  {
    name: "thawed",
    holds: (_, record) => isAtRest(record) && record.state === "paused" && !isFrozen(record.cgroup!),
    why: () => "its row says that it is paused, and its processes run",
    remedy: repair("records that it runs"),
    mend: ({ database }, { id }) => void updateContainer(database, id, { state: "running" }, ["paused"]),
  },
  {
    name: "unreachable",
    holds: (host, record) =>
      (record.state === "running" || record.state === "paused") &&
      isAlive(host, record) &&
      !existsSync(join(paths.run(host.roots, record.id), socketName)),
    why: (host, { id }) => `it runs, and the socket of its shim in ${paths.run(host.roots, id)} is gone`,
    remedy: advice("nobody can speak to it any more; end it with brig rm -f, or from inside"),
    mend: () => {},
  },
  {
    name: "bare",
    holds: ({ roots }, record) =>
      isIdle(record) &&
      record.started !== undefined &&
      record.driver === "overlay2" &&
      !existsSync(join(paths.container(roots, record.id), "upper")),
    why: () => "what it has written is gone",
    remedy: repair("makes it an empty folder for that, so that it starts as a new one"),
    mend: ({ roots, database }, { id }) => {
      // Inside: nobody removes it meanwhile.
      database.transaction(() => {
        if (readContainer(database, id)) makeContainer(roots, id);
      });
    },
  },
] as const satisfies readonly {
  readonly name: string;
  readonly holds: (host: EngineHost, record: ContainerRecord) => boolean;
  readonly why: (host: EngineHost, record: ContainerRecord) => string;
  readonly remedy: Remedy;
  readonly mend: (host: EngineHost, record: ContainerRecord) => void | Promise<void>;
}[];

const isIdle = ({ state }: ContainerRecord) => state === "created" || state === "exited";

/** Nobody is just changing it. */
const isAtRest = ({ owner, cgroup }: ContainerRecord) => owner === undefined && cgroup !== undefined;

export const containers = check<Data>({
  find: (host) =>
    listContainers(host.database).flatMap((record): Finding<Data>[] => {
      const kind = kinds.find(({ holds }) => holds(host, record));
      if (!kind) return [];
      const { name, remedy } = kind;
      const data = { kind: name, record };
      return [{ what: "container", where: nameOf(record), why: kind.why(host, record), remedy, data }];
    }),
  mend: async (host, { kind, record }) => {
    await kinds.find(({ name }) => name === kind)!.mend(host, record);
  },
});

const nameOf = ({ name, id }: ContainerRecord) => `${name} (${id.slice(0, 12)})`;
