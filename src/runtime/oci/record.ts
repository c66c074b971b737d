/** What is remembered of a container: `state.json` in its directory, read back by every later command. */

import type { Cgroup } from "../../kernel/cgroup/cgroup.ts";
import type { ProcessIdentity } from "../../kernel/procfs/process.ts";
import { namespaceTypes } from "../../spec/runtime/linux.ts";
import { parseJson } from "../../spec/schema/json.ts";
import { integer, oneOf, text } from "../../spec/schema/scalars.ts";
import { type Infer, list, object, optional, record } from "../../spec/schema/schema.ts";

const identity = object({ pid: integer(1, 0x7fff_ffff), startTime: text, bootId: text });

/** kernel/cgroup's `Cgroup`. */
const cgroup = object({
  mode: oneOf(["v1", "v2", "hybrid", "none"]),
  directories: list(
    object({
      version: integer(1, 2),
      controllers: list(text),
      name: optional(text),
      mountPoint: text,
      path: text,
    }),
  ),
});

/** kernel/systemd's `Scope`. */
const scope = object({ unit: text, slice: text });

const containerRecord = object({
  ociVersion: text,
  id: text,
  bundle: text,
  rootfs: text,
  /** RFC 3339. */
  created: text,
  /** Name of the user who made it. */
  owner: text,
  annotations: optional(record(text)),
  /** Types of the namespaces that it does not share with its creator. */
  namespaces: list(oneOf(namespaceTypes)),
  /** Absent where the caller wanted none. */
  cgroup: optional(cgroup),
  /** The unit whose cgroup it is, where systemd has made it. */
  scope: optional(scope),
  /** The command that is making it, while it does. */
  creator: optional(identity),
  /** Its first process, once there is one. */
  process: optional(identity),
});

export interface ContainerRecord extends Omit<Infer<typeof containerRecord>, "cgroup"> {
  readonly cgroup?: Cgroup;
  readonly creator?: ProcessIdentity;
  readonly process?: ProcessIdentity;
}

/** Longest state.json: annotations are most of it. */
const recordLimit = 4 * 1024 * 1024;

export function parseRecord(json: string, name: string): ContainerRecord {
  // `version` was seen to be 1 or 2, which the schema has no word for.
  return parseJson(containerRecord, json, name, recordLimit) as ContainerRecord;
}
