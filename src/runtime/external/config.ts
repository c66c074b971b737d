/** The OCI config as another runtime gets it, and the settings that it leaves to us. */

import { capabilityMask, maskCapabilities, parseCapability } from "../../kernel/capabilities.ts";
import type { RuntimeConfig } from "../../spec/runtime/config.ts";
import type { Process } from "../../spec/runtime/process.ts";
import { newNamespace } from "../launch/context.ts";
import type { ExternalRuntime } from "./runtime.ts";

/**
 * The network namespace is the one that the runtime starts in, made and set up by us. Named by a path, as gVisor makes
 * one of its own otherwise.
 */
export function externalConfig(
  config: RuntimeConfig,
  { isolatesNetwork }: ExternalRuntime,
  process: Process,
  grantable: bigint,
): RuntimeConfig {
  const { linux = {} } = config;
  const own = newNamespace(config, "network");
  return {
    ...config,
    // crun before 1.9 refuses any later one; nothing here is newer.
    ociVersion: "1.0.2",
    process: externalProcess(process, grantable),
    linux: {
      ...linux,
      namespaces: (linux.namespaces ?? []).flatMap((namespace) => {
        if (namespace.type !== "network" || namespace.path !== undefined) return [namespace];
        return isolatesNetwork ? [] : [{ ...namespace, path: "/proc/self/ns/net" }];
      }),
      sysctl: own ? sysctls(config, (name) => !ofNetwork(name)) : (linux.sysctl ?? {}),
    },
  };
}

/** Runtimes fail where brig, as Docker, takes the capabilities that can be had. */
export function externalProcess(process: Process, grantable: bigint): Process {
  if (!process.capabilities) return process;
  const sets = Object.entries(process.capabilities).map(([set, names]) => [set, granted(names, grantable)]);
  return { ...process, capabilities: Object.fromEntries(sets) };
}

function granted(names: readonly string[] | undefined, grantable: bigint): readonly string[] {
  const known = (names ?? []).map(parseCapability).filter((name) => name !== undefined);
  return maskCapabilities(capabilityMask(known) & grantable);
}

/** Runtimes refuse to set them in a namespace that is not new: these are ours to set. */
export function networkSysctls(config: RuntimeConfig): Readonly<Record<string, string>> {
  return newNamespace(config, "network") ? sysctls(config, ofNetwork) : {};
}

const ofNetwork = (name: string) => /^net[./]/.test(name);

function sysctls(config: RuntimeConfig, wanted: (name: string) => boolean): Record<string, string> {
  return Object.fromEntries(Object.entries(config.linux?.sysctl ?? {}).filter(([name]) => wanted(name)));
}
