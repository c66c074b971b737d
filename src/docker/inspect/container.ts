/** A container as `docker inspect` shows it (Engine API, ContainerInspect). */

import { dirname, join } from "node:path";
import type { ContainerInfo } from "../../engine/container/info.ts";
import type { ImageConfig } from "../../spec/image/config.ts";
import { dockerState } from "../container-status.ts";
import { timestamp } from "../timestamp.ts";
import { configJson } from "./container-config.ts";
import { hostConfigJson } from "./host-config.ts";
import { mountsJson } from "./mounts.ts";
import { networkJson } from "./network-settings.ts";

/** `image` is absent when the image has been removed since. */
export function containerJson(container: ContainerInfo, image: ImageConfig | undefined) {
  const { id, name, command, logPath, spec, created, networkFiles, driver } = container;
  const directory = dirname(logPath);
  return {
    Id: id,
    Created: timestamp(created),
    Path: command[0] ?? "",
    Args: command.slice(1),
    State: stateJson(container),
    Image: container.imageId,
    ResolvConfPath: networkFiles["resolv.conf"],
    HostnamePath: networkFiles.hostname,
    HostsPath: networkFiles.hosts,
    LogPath: spec.logging?.driver === "none" ? "" : logPath,
    Name: `/${name}`,
    RestartCount: 0,
    Driver: driver,
    Platform: "linux",
    MountLabel: "",
    ProcessLabel: "",
    AppArmorProfile: spec.security?.apparmor ?? "",
    ExecIDs: null,
    HostConfig: hostConfigJson(container),
    GraphDriver: {
      Name: driver,
      Data:
        driver === "vfs" ? null : { UpperDir: join(directory, "upper"), WorkDir: join(directory, "work") },
    },
    Mounts: mountsJson(container),
    Config: configJson(container, image),
    NetworkSettings: networkJson(container, image),
  };
}

function stateJson(container: ContainerInfo) {
  const { state, oom, pid, exitCode, error, started, finished } = container;
  return {
    Status: dockerState(container),
    Running: state === "running" || state === "paused",
    Paused: state === "paused",
    Restarting: false,
    OOMKilled: oom,
    Dead: false,
    Pid: state === "running" || state === "paused" ? (pid ?? 0) : 0,
    ExitCode: exitCode ?? 0,
    Error: error ?? "",
    StartedAt: timestamp(started),
    FinishedAt: timestamp(finished),
  };
}
