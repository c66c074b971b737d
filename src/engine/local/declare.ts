/** The row of a volume, which says what it is before there is anything of it. One that is there already stays as it is. */

import { statSync } from "node:fs";
import { recordVolume } from "../events/volume.ts";
import type { EngineHost } from "../host.ts";
import { paths } from "../roots.ts";
import { checkVolumeOptions, type VolumeOptions } from "./options.ts";

export interface Declaration {
  /** That of a folder; checked by the caller. */
  readonly name: string;
  readonly options: VolumeOptions;
  readonly labels: Readonly<Record<string, string>>;
}

export function declareVolume(host: EngineHost, { name, options, labels }: Declaration): void {
  checkVolumeOptions(name, options);
  const { database, roots } = host;
  database.transaction(() => {
    if (statSync(paths.volume(roots, name), { throwIfNoEntry: false })) return;
    const sql = "INSERT OR IGNORE INTO volume (name, created, labels, options) VALUES (?, ?, ?, ?)";
    const added = database.run(sql, name, host.now(), JSON.stringify(labels), JSON.stringify(options));
    if (added > 0) recordVolume(host, "create", name);
  });
}
