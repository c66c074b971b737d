/** `rename`: another name for a container, in whatever state. What refers to it does so by id. */

import { BrigError } from "../../base/errors.ts";
import { recordEvent } from "../events/record.ts";
import type { EngineHost } from "../host.ts";
import { checkName } from "./names.ts";
import { type ContainerRecord, updateContainer } from "./records.ts";

export function renameContainer(host: EngineHost, record: ContainerRecord, wanted: string): void {
  if (wanted === "") throw new BrigError("invalid", "Neither old nor new names may be empty");
  const name = checkName(wanted);
  const { database } = host;
  database.transaction(() => {
    const other = database.get("SELECT id FROM container WHERE name = ?", name)?.id;
    if (other === record.id)
      throw new BrigError("invalid", "Renaming a container with the same name as its current name");
    if (other !== undefined)
      throw new BrigError(
        "conflict",
        `cannot rename the container: the name "/${name}" is already in use by container "${other}"; remove or rename that container to be able to reuse that name`,
        { code: "name-in-use" },
      );
    updateContainer(database, record.id, { name });
    recordEvent(host, "rename", { ...record, name }, { oldName: `/${record.name}` });
  });
}
