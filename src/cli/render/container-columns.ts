/** The columns of `ps`, by the names that `--format` knows them by. */

import { shortIdLength } from "../../base/ids.ts";
import { humanSize } from "../../base/units.ts";
import { containerStatus, dockerState } from "../../docker/container-status.ts";
import { humanAge } from "../../docker/human-time.ts";
import { commandLine } from "../../docker/inspect/container-summary.ts";
import { portsText } from "../../docker/ports.ts";
import { quote } from "../../docker/text/quote.ts";
import { columnTime } from "../../docker/timestamp.ts";
import type { ContainerInfo } from "../../engine/container/info.ts";
import type { ContainerSize } from "../../engine/container/size.ts";
import type { MountSpec } from "../../engine/container/spec.ts";
import { ellipsis } from "../terminal/ellipsis.ts";
import type { Columns } from "../terminal/format.ts";

export const containerTable = ["ID", "Image", "Command", "RunningFor", "Status", "Ports", "Names"] as const;

const commandWidth = 20;
const mountWidth = 15;

/** `full`: nothing is shortened. `now` in milliseconds since 1970. `sizes`: by id, where they are wanted. */
export function containerColumns(
  full: boolean,
  now: number,
  sizes: ReadonlyMap<string, ContainerSize> = new Map(),
): Columns<ContainerInfo> {
  const short = (text: string, width: number) => (full ? text : ellipsis(text, width));
  return {
    Command: {
      title: "COMMAND",
      text: ({ command }) => quote(short(commandLine(command), commandWidth)),
    },
    CreatedAt: { title: "CREATED AT", text: ({ created }) => columnTime(created) },
    ID: { title: "CONTAINER ID", text: ({ id }) => (full ? id : id.slice(0, shortIdLength)) },
    Image: { title: "IMAGE", text: ({ image }) => (full ? image : shortImage(image)) },
    Labels: { title: "LABELS", text: ({ spec }) => labelsText(spec.labels ?? {}) },
    LocalVolumes: { title: "LOCAL VOLUMES", text: ({ spec }) => String(volumes(spec.mounts).length) },
    Mounts: {
      title: "MOUNTS",
      text: ({ spec }) => (spec.mounts ?? []).map((mount) => short(mountName(mount), mountWidth)).join(","),
    },
    Names: { title: "NAMES", text: ({ name }) => name },
    Networks: { title: "NETWORKS", text: ({ spec }) => spec.network?.mode ?? "bridge" },
    Ports: {
      title: "PORTS",
      text: ({ state, endpoint, spec }) =>
        state === "running" || state === "paused"
          ? portsText(endpoint?.ports ?? [], spec.network?.expose ?? [])
          : "",
    },
    RunningFor: { title: "CREATED", text: ({ created }) => humanAge(created, now) },
    Size: { title: "SIZE", text: ({ id }) => sizeText(sizes.get(id)) },
    State: { title: "STATE", text: dockerState },
    Status: { title: "STATUS", text: (container) => containerStatus(container, now) },
  };
}

/** "5B (virtual 1.2MB)" */
function sizeText(size: ContainerSize | undefined): string {
  if (!size) return "0B";
  return `${humanSize(size.written)} (virtual ${humanSize(size.root)})`;
}

/** Whoever named an image by its id wrote 64 digits. */
function shortImage(image: string): string {
  const id = /^(?:sha256:)?([0-9a-f]{64})$/.exec(image)?.[1];
  return id?.slice(0, shortIdLength) ?? image;
}

/** "a=1,b=2" */
export function labelsText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join(",");
}

function volumes(mounts: readonly MountSpec[] = []): readonly MountSpec[] {
  return mounts.filter(({ kind }) => kind === "volume");
}

function mountName(mount: MountSpec): string {
  switch (mount.kind) {
    case "bind":
      return mount.source;
    case "volume":
      return mount.name ?? "";
    case "tmpfs":
      return "";
    case "image":
      return mount.image;
  }
}
