/** What `system df` shows: a line for each kind of thing, and with `--verbose` a table for each. */

import { humanSize } from "../../base/units.ts";
import type {
  ContainerSummary,
  ImageUsage,
  UsageDocument,
  VolumeUsage,
} from "../../docker/documents/documents.ts";
import { type ImageRow, imageRows } from "../../docker/image-rows.ts";
import { type Columns, formatList, recordOf } from "../terminal/format.ts";
import { containerColumns } from "./container-columns.ts";
import { imageColumns } from "./image-columns.ts";
import { volumeColumns } from "./volume-columns.ts";

/** "1.984MB": one digit more than lists of images have. */
const exactSize = (bytes: number) => humanSize(bytes, 4);

interface UsageRow {
  readonly type: string;
  readonly total: number;
  readonly active: number;
  /** Bytes. */
  readonly size: number;
  readonly reclaimable: number;
}

const usageTable = ["Type", "TotalCount", "Active", "Size", "Reclaimable"] as const;

const usageColumns: Columns<UsageRow> = {
  Active: { title: "ACTIVE", text: ({ active }) => String(active) },
  Reclaimable: {
    title: "RECLAIMABLE",
    text: ({ size, reclaimable }) =>
      size > 0
        ? `${exactSize(reclaimable)} (${Math.trunc((reclaimable * 100) / size)}%)`
        : exactSize(reclaimable),
  },
  Size: { title: "SIZE", text: ({ size }) => exactSize(size) },
  TotalCount: { title: "TOTAL", text: ({ total }) => String(total) },
  Type: { title: "TYPE", text: ({ type }) => type },
};

export function usageText(usage: UsageDocument, format: string | undefined): string {
  return formatList(format, usageColumns, usageTable, usageRows(usage));
}

function usageRows({ Images, Containers, Volumes, LayersSize }: UsageDocument): readonly UsageRow[] {
  const images = row("Images", Images ?? [], (image) => image.Size - image.SharedSize, hasUsers);
  return [
    // Layers that several have count once.
    { ...images, size: LayersSize, reclaimable: LayersSize - (images.size - images.reclaimable) },
    row("Containers", Containers ?? [], ({ SizeRw = 0 }) => SizeRw, isLive),
    row("Local Volumes", Volumes ?? [], ({ UsageData }) => UsageData.Size, isHeld),
    { type: "Build Cache", total: 0, active: 0, size: 0, reclaimable: 0 },
  ];
}

function row<T>(
  type: string,
  things: readonly T[],
  sizeOf: (thing: T) => number,
  isActive: (thing: T) => boolean,
): UsageRow {
  const sum = (some: readonly T[]) => some.reduce((bytes, thing) => bytes + sizeOf(thing), 0);
  const active = things.filter(isActive);
  const size = sum(things);
  return { type, total: things.length, active: active.length, size, reclaimable: size - sum(active) };
}

const hasUsers = ({ Containers }: ImageUsage): boolean => Containers > 0;
const isHeld = ({ UsageData }: VolumeUsage): boolean => UsageData.RefCount > 0;
const isLive = ({ State }: ContainerSummary): boolean => ["running", "paused", "restarting"].includes(State);

const imageTable = "Repository Tag ID CreatedSince Size SharedSize UniqueSize Containers".split(" ");
const containerTable = "ID Image Command LocalVolumes Size RunningFor Status Names".split(" ");
const volumeTable = ["Name", "Links", "Size"];
const cacheTable = ["CACHE ID", "CACHE TYPE", "SIZE", "CREATED", "LAST USED", "USAGE", "SHARED"];

/** `now` in milliseconds since 1970. */
export function verboseText(usage: UsageDocument, now: number): string {
  const { images, containers, volumes } = tables(usage, now, false);
  const caches: Columns<never> = Object.fromEntries(
    cacheTable.map((title) => [title, { title, text: () => "" }]),
  );
  return [
    `Images space usage:\n\n${formatList(undefined, images.columns, imageTable, images.rows)}`,
    `Containers space usage:\n\n${formatList(undefined, containers.columns, containerTable, containers.rows)}`,
    `Local Volumes space usage:\n\n${formatList(undefined, volumes.columns, volumeTable, volumes.rows)}`,
    `Build cache usage: 0B\n\n${formatList(undefined, caches, cacheTable, [])}`,
  ].join("\n");
}

/** The same as one record, for templates. */
export function verboseRecord(usage: UsageDocument, now: number): object {
  const { images, containers, volumes } = tables(usage, now, true);
  return {
    Images: images.rows.map((each) => recordOf(images.columns, each)),
    Containers: containers.rows.map((each) => recordOf(containers.columns, each)),
    Volumes: volumes.rows.map((each) => recordOf(volumes.columns, each)),
    BuildCache: [],
  };
}

function tables({ Images, Containers, Volumes }: UsageDocument, now: number, full: boolean) {
  const images: Columns<ImageRow<ImageUsage>> = {
    ...imageColumns(full, now),
    Containers: { title: "CONTAINERS", text: ({ image }) => String(image.Containers) },
    SharedSize: { title: "SHARED SIZE", text: ({ image }) => exactSize(image.SharedSize) },
    UniqueSize: { title: "UNIQUE SIZE", text: ({ image }) => exactSize(image.Size - image.SharedSize) },
  };
  const containers: Columns<ContainerSummary> = {
    ...containerColumns(full, now),
    Size: { title: "SIZE", text: ({ SizeRw = 0 }) => humanSize(SizeRw) },
  };
  const volumes: Columns<VolumeUsage> = {
    ...volumeColumns,
    Links: { title: "LINKS", text: ({ UsageData }) => String(UsageData.RefCount) },
    Size: { title: "SIZE", text: ({ UsageData }) => exactSize(UsageData.Size) },
  };
  return {
    images: {
      columns: images,
      rows: (Images ?? []).flatMap((each) => imageRows(each, each.RepoTags)),
    },
    containers: { columns: containers, rows: Containers ?? [] },
    volumes: { columns: volumes, rows: Volumes ?? [] },
  };
}
