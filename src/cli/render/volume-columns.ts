/** The columns of `volume ls`, by the names that `--format` knows them by. */

import type { VolumeDocument } from "../../docker/documents/documents.ts";
import type { Columns } from "../terminal/format.ts";
import { labelsText } from "./container-columns.ts";

export const volumeTable = ["Driver", "Name"] as const;

/** Counting takes reading all of it, which Docker leaves to `system df`, too. */
const notCounted = "N/A";

export const volumeColumns: Columns<VolumeDocument> = {
  Driver: { title: "DRIVER", text: ({ Driver }) => Driver },
  Labels: { title: "LABELS", text: ({ Labels }) => labelsText(Labels) },
  Links: { title: "LINKS", text: () => notCounted },
  Mountpoint: { title: "MOUNTPOINT", text: ({ Mountpoint }) => Mountpoint },
  Name: { title: "VOLUME NAME", text: ({ Name }) => Name },
  Scope: { title: "SCOPE", text: ({ Scope }) => Scope },
  Size: { title: "SIZE", text: () => notCounted },
};
