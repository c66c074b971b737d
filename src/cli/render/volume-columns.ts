/** The columns of `volume ls`, by the names that `--format` knows them by. */

import type { VolumeInfo } from "../../engine/volume/volume.ts";
import type { Columns } from "../terminal/format.ts";
import { labelsText } from "./container-columns.ts";

export const volumeTable = ["Driver", "Name"] as const;

/** Counting takes reading all of it, which Docker leaves to `system df`, too. */
const notCounted = "N/A";

export const volumeColumns: Columns<VolumeInfo> = {
  Driver: { title: "DRIVER", text: () => "local" },
  Labels: { title: "LABELS", text: ({ labels }) => labelsText(labels) },
  Links: { title: "LINKS", text: () => notCounted },
  Mountpoint: { title: "MOUNTPOINT", text: ({ mountPoint }) => mountPoint },
  Name: { title: "VOLUME NAME", text: ({ name }) => name },
  Scope: { title: "SCOPE", text: () => "local" },
  Size: { title: "SIZE", text: () => notCounted },
};
