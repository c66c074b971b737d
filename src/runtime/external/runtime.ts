/** Another OCI runtime (runc, crun, runsc …) and what has to be known of it beside its command line, which is runc's. */

import { basename } from "node:path";
import type { HostPath } from "../../base/ids.ts";

export interface ExternalRuntime {
  readonly path: HostPath;
  /** Refuses a hybrid cgroup layout whose v2 tree has controllers; takes it for v1 when it does not see that tree. */
  readonly needsPureLegacy: boolean;
  /** Has a kernel and a network stack of its own: it takes the addresses off the links of its network namespace. */
  readonly ownKernel: boolean;
  /** It makes a network namespace without links itself, as gVisor would take over whatever is in one of ours. */
  readonly isolatesNetwork: boolean;
  /** Its own flags, beside runc's. */
  readonly flags: readonly string[];
}

/** `managed`: systemd makes the cgroup. */
export function externalRuntime(path: HostPath, network: string, managed = false): ExternalRuntime {
  const name = basename(path);
  const ownKernel = name === "runsc";
  const isolatesNetwork = ownKernel && network === "none";
  const flags = [...(isolatesNetwork ? ["--network=none"] : []), ...(managed ? ["--systemd-cgroup"] : [])];
  return { path, needsPureLegacy: name === "crun", ownKernel, isolatesNetwork, flags };
}

/** Files of one call of a runtime, and where it keeps its state. */
export interface RuntimeFiles {
  readonly state: HostPath;
  readonly log: HostPath;
  readonly pid: HostPath;
  /** Gets the terminal. */
  readonly console: HostPath;
}

export function runtimeFiles(directory: HostPath, prefix: string): RuntimeFiles {
  const at = (name: string) => `${directory}/${name}` as HostPath;
  return {
    state: at("state"),
    log: at(`${prefix}.log`),
    pid: at(`${prefix}.pid`),
    console: at(`${prefix}.tty`),
  };
}

/** The command line up to the subcommand. */
export function runtimeCommand({ path, flags }: ExternalRuntime, files: RuntimeFiles): readonly string[] {
  return [path, ...flags, "--root", files.state, "--log", files.log, "--log-format", "json"];
}
