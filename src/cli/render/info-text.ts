/** What `info` prints: Docker's lines, those of them that mean something here. */

import { binarySize } from "../../base/units.ts";
import type { InfoJson } from "../../docker/inspect/info.ts";

export function infoText(info: InfoJson): string {
  const { Plugins: plugins } = info;
  const lines = [
    `Containers: ${info.Containers}`,
    ` Running: ${info.ContainersRunning}`,
    ` Paused: ${info.ContainersPaused}`,
    ` Stopped: ${info.ContainersStopped}`,
    `Images: ${info.Images}`,
    `Server Version: ${info.ServerVersion}`,
    `Storage Driver: ${info.Driver}`,
    ...(info.DriverStatus ?? []).map(([name, value]) => ` ${name}: ${value}`),
    `Logging Driver: ${info.LoggingDriver}`,
    `Cgroup Driver: ${info.CgroupDriver}`,
    `Cgroup Version: ${info.CgroupVersion}`,
    "Plugins:",
    ` Volume: ${plugins.Volume.join(" ")}`,
    ` Network: ${plugins.Network.join(" ")}`,
    ` Log: ${plugins.Log.join(" ")}`,
    `Swarm: ${info.Swarm.LocalNodeState}`,
    `Runtimes: ${Object.keys(info.Runtimes).join(" ")}`,
    `Default Runtime: ${info.DefaultRuntime}`,
    `Init Binary: ${info.InitBinary}`,
    "Security Options:",
    ...(info.SecurityOptions ?? []).flatMap(optionLines),
    `Kernel Version: ${info.KernelVersion}`,
    `Operating System: ${info.OperatingSystem}`,
    `OSType: ${info.OSType}`,
    `Architecture: ${info.Architecture}`,
    `CPUs: ${info.NCPU}`,
    `Total Memory: ${binarySize(info.MemTotal)}`,
    `Name: ${info.Name}`,
    `ID: ${info.ID}`,
    `Root Dir: ${info.DockerRootDir}`,
    // No other engine has one.
    ...(info.RunRoot === undefined ? [] : [`Run Root Dir: ${info.RunRoot}`]),
    `Debug Mode: ${info.Debug}`,
    `Experimental: ${info.ExperimentalBuild}`,
    "Insecure Registries:",
    ...info.RegistryConfig.InsecureRegistryCIDRs.map((range) => ` ${range}`),
    `Live Restore Enabled: ${info.LiveRestoreEnabled}`,
  ];
  return `Engine:\n${lines.map((line) => ` ${line}\n`).join("")}`;
}

/** "name=seccomp,profile=builtin" */
function optionLines(option: string): readonly string[] {
  const [[, name] = [], ...others] = option.split(",").map((part) => part.split("="));
  return [
    ` ${name}`,
    ...others.map(([key = "", value]) => `  ${key[0]?.toUpperCase()}${key.slice(1)}: ${value}`),
  ];
}
