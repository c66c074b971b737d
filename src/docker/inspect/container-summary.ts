/** A container as lists show it (Engine API, ContainerSummary). */

import type { ContainerInfo } from "../../engine/container/info.ts";
import type { ContainerSize } from "../../engine/container/size.ts";
import type { ImageConfig } from "../../spec/image/config.ts";
import { containerStatus, dockerState } from "../container-status.ts";
import { mountsJson } from "./mounts.ts";
import { networksJson } from "./network-settings.ts";

/** `now` in milliseconds since 1970; `size` where it was asked for; `image` while it is there. */
export function containerSummary(
  container: ContainerInfo,
  image: ImageConfig | undefined,
  { now, size }: { readonly now: number; readonly size?: ContainerSize },
) {
  const { id, name, spec, command } = container;
  return {
    Id: id,
    Names: [`/${name}`],
    Image: container.image,
    ImageID: container.imageId,
    Command: commandLine(command),
    Created: Math.floor(container.created / 1000),
    Ports: portsOf(container),
    ...(size?.written ? { SizeRw: size.written } : {}),
    ...(size?.root ? { SizeRootFs: size.root } : {}),
    Labels: { ...image?.config?.Labels, ...spec.labels },
    State: dockerState(container),
    Status: containerStatus(container, now),
    HostConfig: {
      NetworkMode: spec.network?.mode ?? "bridge",
      ...(spec.annotations && { Annotations: spec.annotations }),
    },
    NetworkSettings: { Networks: networksJson(container) },
    Mounts: mountsJson(container),
  };
}

/** Arguments with blanks in single quotes; the first word is a path and stays as it is. */
export function commandLine([path = "", ...args]: readonly string[]): string {
  return [path, ...args.map((arg) => (arg.includes(" ") ? `'${arg}'` : arg))].join(" ");
}

function portsOf({ state, endpoint, spec }: ContainerInfo) {
  if ((state !== "running" && state !== "paused") || !endpoint) return [];
  const published = endpoint.ports.map(({ hostIp, hostPort, containerPort, protocol }) => ({
    IP: hostIp || "0.0.0.0",
    PrivatePort: containerPort,
    PublicPort: hostPort,
    Type: protocol,
  }));
  const reached = new Set(endpoint.ports.map((port) => `${port.containerPort}/${port.protocol}`));
  const exposed = (spec.network?.expose ?? [])
    .map((port) => port.split("/") as [string, string?])
    .filter(([port, protocol = "tcp"]) => !reached.has(`${port}/${protocol}`))
    .map(([port, protocol = "tcp"]) => ({ PrivatePort: Number(port), Type: protocol }));
  return [...exposed, ...published];
}
