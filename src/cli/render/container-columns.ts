/** The columns of `ps`, by the names that `--format` knows them by. */

import { shortIdLength } from "../../base/ids.ts";
import { humanSize } from "../../base/units.ts";
import type { ContainerSummary, MountSummary } from "../../docker/documents/documents.ts";
import { humanAge } from "../../docker/human-time.ts";
import { portsText } from "../../docker/port-summary.ts";
import { quote } from "../../docker/text/quote.ts";
import { columnTime } from "../../docker/timestamp.ts";
import { ellipsis } from "../terminal/ellipsis.ts";
import type { Columns } from "../terminal/format.ts";

export const containerTable = ["ID", "Image", "Command", "RunningFor", "Status", "Ports", "Names"] as const;

const commandWidth = 20;
const mountWidth = 15;

/** `full`: nothing is shortened. `now` in milliseconds since 1970. */
export function containerColumns(full: boolean, now: number): Columns<ContainerSummary> {
  const short = (text: string, width: number) => (full ? text : ellipsis(text, width));
  return {
    Command: { title: "COMMAND", text: ({ Command }) => quote(short(Command, commandWidth)) },
    CreatedAt: { title: "CREATED AT", text: ({ Created }) => columnTime(Created * 1000) },
    ID: { title: "CONTAINER ID", text: ({ Id }) => (full ? Id : Id.slice(0, shortIdLength)) },
    Image: { title: "IMAGE", text: ({ Image }) => (full ? Image : shortImage(Image)) },
    Labels: { title: "LABELS", text: ({ Labels }) => labelsText(Labels) },
    LocalVolumes: { title: "LOCAL VOLUMES", text: ({ Mounts }) => String(Mounts.filter(isLocal).length) },
    Mounts: {
      title: "MOUNTS",
      text: ({ Mounts }) => Mounts.map(({ Name, Source }) => short(Name || Source, mountWidth)).join(","),
    },
    Names: { title: "NAMES", text: ({ Names }) => namesText(Names) },
    Networks: {
      title: "NETWORKS",
      text: ({ NetworkSettings: { Networks } }) => Object.keys(Networks).join(","),
    },
    Ports: { title: "PORTS", text: ({ Ports }) => portsText(Ports) },
    RunningFor: { title: "CREATED", text: ({ Created }) => humanAge(Created * 1000, now) },
    Size: { title: "SIZE", text: sizeText },
    State: { title: "STATE", text: ({ State }) => State },
    Status: { title: "STATUS", text: ({ Status }) => Status },
  };
}

/** "5B (virtual 1.2MB)" */
function sizeText({ SizeRw = 0, SizeRootFs = 0 }: ContainerSummary): string {
  return SizeRootFs > 0 ? `${humanSize(SizeRw)} (virtual ${humanSize(SizeRootFs)})` : humanSize(SizeRw);
}

/** Its own; with a slash in the middle it is what another container calls it. */
function namesText(names: readonly string[]): string {
  return names
    .map((name) => name.replace(/^\//, ""))
    .filter((name) => !name.includes("/"))
    .join(",");
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

function isLocal({ Type, Driver }: MountSummary): boolean {
  return Type === "volume" && Driver === "local";
}
